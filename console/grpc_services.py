"""Serve OTLP by gRPC.

grpc_port.py imports this at the first connection, because the library needs memory.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
from google.protobuf.duration_pb2 import Duration
from google.rpc.code_pb2 import UNAVAILABLE
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

from receivers import Refused, otlp
from receivers.otlp_signals import LOGS, METRICS, TRACES, Signal
from store import Full, Store

# Each service's source, as records are stored, and its signal.
SERVICES = {
    trace_service_pb2.DESCRIPTOR.services_by_name["TraceService"]: ("honeycomb", TRACES),
    logs_service_pb2.DESCRIPTOR.services_by_name["LogsService"]: ("logs", LOGS),
    metrics_service_pb2.DESCRIPTOR.services_by_name["MetricsService"]: ("metrics", METRICS),
}
THREADS = 4  # also the number of messages in memory at once, because a thread reads one at a time
# The limit for an unpacked message. It is above the receivers' own limit, whose refusal has a reason in its details.
# The library itself refuses larger messages.
MAX_MESSAGE_BYTES = 2 * otlp.MAX_BODY_BYTES
TOO_LARGE = f"a message has more than {MAX_MESSAGE_BYTES} bytes, or its sender cancelled it"

# gRPC's status codes for HTTP's, from the specification.
_CODES = {400: grpc.StatusCode.INVALID_ARGUMENT, 413: grpc.StatusCode.RESOURCE_EXHAUSTED}


def serve(address: str, store: Store) -> grpc.Server:
    """Return a started server that stores what it receives.

    address: in gRPC's form
    """
    server = grpc.server(
        ThreadPoolExecutor(THREADS, "otlp-grpc"),
        handlers=[_handler(service.full_name, source, signal, store) for service, (source, signal) in SERVICES.items()],
        options=[("grpc.max_receive_message_length", MAX_MESSAGE_BYTES)],
    )
    server.add_insecure_port(address)
    server.start()
    return server


def _handler(service: str, source: str, signal: Signal, store: Store) -> grpc.GenericRpcHandler:
    def export(messages: Iterator[bytes], context: grpc.ServicerContext) -> bytes:
        try:
            body = next(messages)
        except (StopIteration, grpc.RpcError):
            # The library refuses a larger message by cancelling the call, and so may the sender.
            store.totals.refuse(source, TOO_LARGE)
            context.abort(grpc.StatusCode.CANCELLED, "no message was received")
        try:
            records, response = otlp.receive(body, otlp.PROTOBUF, signal=signal)
            if records:
                store.add(source, records)
            if response.rejected:
                store.totals.refuse(source, response.reason, response.rejected)
        except Refused as refused:
            store.totals.refuse(source, str(refused))
            context.set_trailing_metadata([("grpc-status-details-bin", refused.response.body)])
            context.abort(_CODES[refused.response.status], str(refused))
        except Full as full:
            status = Status(code=UNAVAILABLE, message=str(full))
            # Without RetryInfo, the specification lets an SDK drop the batch.
            status.details.add().Pack(RetryInfo(retry_delay=Duration(seconds=1)))
            context.set_trailing_metadata([("grpc-status-details-bin", status.SerializeToString())])
            context.abort(grpc.StatusCode.UNAVAILABLE, str(full))
        return response.body

    # Without a deserializer, so that the receiver can count a body's fields before it is unpacked. A stream of one
    # message is the same on the wire as a single message. As a stream, the handler is also called for a message that
    # the library refuses.
    return grpc.method_handlers_generic_handler(service, {"Export": grpc.stream_unary_rpc_method_handler(export)})
