"""Private networks. They are kept and shown; nothing on this machine is kept from the internet by them."""

from typing import Any

from local.deploy.making import Deployment, Made, Properties


def vpc(d: Deployment, _: str, p: Properties) -> Made:
    """AWS::EC2::VPC"""
    ec2 = d.client("ec2")
    made = ec2.create_vpc(CidrBlock=p.take("CidrBlock"))["Vpc"]["VpcId"]
    for name in ("EnableDnsSupport", "EnableDnsHostnames"):
        if name in p:
            change: dict[str, Any] = {name: {"Value": p.take(name)}}
            ec2.modify_vpc_attribute(VpcId=made, **change)
    return Made(made, {"VpcId": made})


def subnet(d: Deployment, _: str, p: Properties) -> Made:
    """AWS::EC2::Subnet"""
    made = d.client("ec2").create_subnet(**p.rest())["Subnet"]["SubnetId"]
    return Made(made, {"SubnetId": made})


def route_table(d: Deployment, _: str, p: Properties) -> Made:
    """AWS::EC2::RouteTable"""
    made = d.client("ec2").create_route_table(**p.rest())["RouteTable"]["RouteTableId"]
    return Made(made, {"RouteTableId": made})


def association(d: Deployment, _: str, p: Properties) -> Made:
    """AWS::EC2::SubnetRouteTableAssociation"""
    made = d.client("ec2").associate_route_table(**p.rest())["AssociationId"]
    return Made(made, {"Id": made})


def security_group(d: Deployment, logical: str, p: Properties) -> Made:
    """AWS::EC2::SecurityGroup"""
    ec2, incoming, outgoing = d.client("ec2"), p.take("SecurityGroupIngress", []), p.take("SecurityGroupEgress", [])
    name = p.take("GroupName") or d.physical(logical)
    made = ec2.create_security_group(GroupName=name, Description=p.take("GroupDescription"), VpcId=p.take("VpcId"))
    group = made["GroupId"]
    if outgoing:
        # Rules of one's own take the place of the one that lets everything out.
        everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        ec2.revoke_security_group_egress(GroupId=group, IpPermissions=[everything])
        ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[_permission(rule) for rule in outgoing])
    if incoming:
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[_permission(rule) for rule in incoming])
    return Made(group, {"GroupId": group})


def endpoint(d: Deployment, _: str, p: Properties) -> Made:
    """AWS::EC2::VPCEndpoint"""
    made = d.client("ec2").create_vpc_endpoint(**p.rest())["VpcEndpoint"]["VpcEndpointId"]
    return Made(made, {"Id": made})


def _permission(rule: dict[str, Any]) -> dict[str, Any]:
    """CloudFormation writes flat what the API nests."""
    made = {"IpProtocol": rule["IpProtocol"], "FromPort": int(rule["FromPort"]), "ToPort": int(rule["ToPort"])}
    said = {"Description": rule["Description"]} if "Description" in rule else {}
    if "CidrIp" in rule:
        return {**made, "IpRanges": [{"CidrIp": rule["CidrIp"], **said}]}
    return {**made, "UserIdGroupPairs": [{"GroupId": rule["SourceSecurityGroupId"], **said}]}
