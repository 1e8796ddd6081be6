"""A response's body that is produced, or read from a file, while it is sent."""

import contextlib
import contextvars
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sametrace.core.request import Request


class StreamedBody:
    """A body that its view produces while it is sent.

    The request ends when the body does.

    end: ends the request
    """

    def __init__(
        self, body: Iterable[bytes], request: Request, context: contextvars.Context, end: Callable[[], None]
    ) -> None:
        self._body = body
        self._parts = iter(body)
        self._close = getattr(body, "close", None)
        self._request = request
        self._context = context
        self._end_request = end
        self._begun = self._ended = False

    def or_file(self, wrapper: Any) -> "Iterable[bytes]":
        """Return the server's own wsgi.file_wrapper, if the body is one, or self.

        The server recognizes the wrapper by its type, and sends the file without reading it (sendfile). The request
        ends when the server closes the file. If the server fails to send the file, that error is not the request's.
        """
        if isinstance(wrapper, type) and isinstance(self._body, wrapper):
            file: Any = self._body
            with contextlib.suppress(AttributeError):  # a type that allows no other attribute
                file.close = self.close
                return self._body
        return self

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            part: bytes = self._context.run(next, self._parts)
        except StopIteration:
            self._end()
            raise
        except BaseException as error:
            if not self._begun:
                self._request.status = 500  # nothing was sent yet, so the server responds in its place
            self._context.run(self._request.fail, error)
            self._end()
            raise
        self._begun = True
        return part

    def close(self) -> None:
        try:
            if self._close:
                self._context.run(self._close)
        except BaseException as error:
            self._context.run(self._request.fail, error)
            raise
        finally:
            self._end()

    def _end(self) -> None:
        if not self._ended:
            self._ended = True
            self._context.run(self._end_request)
