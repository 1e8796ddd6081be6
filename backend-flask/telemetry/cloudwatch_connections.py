"""The connections of a client of boto's whose answers have an end."""

from typing import Any

from botocore.awsrequest import (
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
)

from telemetry.patience import WholeAnswer


class Connection(AWSHTTPConnection):
    response_class = WholeAnswer


class TLSConnection(AWSHTTPSConnection):
    response_class = WholeAnswer


class Pool(AWSHTTPConnectionPool):
    ConnectionCls = Connection


class TLSPool(AWSHTTPSConnectionPool):
    ConnectionCls = TLSConnection


def wait_for_whole_answers(client: Any) -> None:
    """Before the client's first request. botocore has no public way to say by which connections it goes."""
    client._endpoint.http_session._pool_classes_by_scheme.update(http=Pool, https=TLSPool)
