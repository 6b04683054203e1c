"""What CloudWatch's dashboard draws by asking us: HTML without scripts, in the colours of the viewer's theme."""
