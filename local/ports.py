"""Listening sockets, and a plain sentence when a port is taken."""

import errno
import socket

from local.protocol import LocalError

HOST = "127.0.0.1"


def listen(port: int, purpose: str) -> socket.socket:
    """A socket that listens on `port` of this machine only (0: any free one).

    LocalError when somebody else has the port. Other parts use it too, so that all of them say the same.
    """
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((HOST, port))
        sock.listen(128)
    except OSError as error:
        sock.close()
        if error.errno == errno.EADDRINUSE:
            raise LocalError(
                f"port {port} for {purpose} is in use; stop what uses it or choose another port"
            ) from error
        if error.errno == errno.EACCES:
            raise LocalError(f"port {port} for {purpose} may not be used; choose one above 1023") from error
        raise
    return sock


def free_port() -> int:
    """A port that was free a moment ago, for a process that binds it itself."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.bind((HOST, 0))
        port: int = sock.getsockname()[1]
        return port
