"""Glue and Athena. They are known by name and do nothing here: `fmops results` reads the same files with DuckDB."""

from local.deploy.making import Deployment, Made, Properties


def database(d: Deployment, logical: str, p: Properties) -> Made:
    """AWS::Glue::Database"""
    name = p.rest()["DatabaseInput"].get("Name") or d.physical(logical).lower()
    return Made(name)


def table(d: Deployment, logical: str, p: Properties) -> Made:
    """AWS::Glue::Table"""
    return Made(p.rest()["TableInput"].get("Name") or d.physical(logical).lower())


def work_group(_d: Deployment, _logical: str, p: Properties) -> Made:
    """AWS::Athena::WorkGroup"""
    return Made(p.rest()["Name"])


def named_query(d: Deployment, logical: str, p: Properties) -> Made:
    """AWS::Athena::NamedQuery"""
    p.rest()
    name = d.physical(logical)
    return Made(name, {"NamedQueryId": name})
