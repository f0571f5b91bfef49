"""Errors that ops raise while a graph runs: one class for each canonical status code.

The codes are those of google.rpc.Code; a program catches, say, `tf.errors.OutOfRangeError` to end an epoch.
"""

import traceback

from graphflow.framework.export import export, export_constant

OK = export_constant('errors.OK', 0)

_CLASS_OF_CODE = {}


@export('OpError', 'errors.OpError')
class OpError(Exception):
    """What an op could not do. `node_def` and `op` say which op (None when none is to blame).

    Printed with the stack that created the op, and the one of the op it is a gradient of, when those are known.
    """

    def __init__(self, node_def, op, message, error_code):
        super().__init__()
        self._node_def = node_def
        self._op = op
        self._message = message
        self._error_code = error_code

    def __reduce__(self):
        # An op belongs to the graph of its process, so it is not pickled.
        return type(self), (None, None, self._message, self._error_code)

    @property
    def message(self):
        """What went wrong."""
        return self._message

    @property
    def op(self):
        """The `Operation` that failed, or None."""
        return self._op

    @property
    def error_code(self):
        """The number of the status code, such as `tf.errors.NOT_FOUND`."""
        return self._error_code

    @property
    def node_def(self):
        """The NodeDef of the op that failed, or None."""
        return self._node_def

    def __str__(self):
        if self._op is None:
            return self._message
        parts = [self._message, '\n\nOriginal stack trace for %r:\n' % self._op.name, _stack(self._op)]
        original = getattr(self._op, '_original_op', None)
        while original is not None:
            parts += ['\n...which was originally created as op %r, defined at:\n' % original.name, _stack(original)]
            original = getattr(original, '_original_op', None)
        return ''.join(parts)


def _stack(op):
    return ''.join(traceback.format_list(getattr(op, 'traceback', None) or []))


class _CodedError(OpError):
    """An error whose class says its code; the constructor takes (node_def, op, message)."""

    def __init__(self, node_def, op, message):
        super().__init__(node_def, op, message, self._code)

    def __reduce__(self):
        return type(self), (None, None, self._message)


def _error(code, constant, name, doc):
    """Makes the class for `code` and publishes both it and the constant."""
    cls = type(name, (_CodedError,), {'__doc__': doc, '__module__': __name__, '_code': code})
    return _publish(code, constant, cls)


def _publish(code, constant, cls):
    globals()[constant] = export_constant('errors.' + constant, code)
    _CLASS_OF_CODE[code] = cls
    return export('errors.' + cls.__name__)(cls)


class UnknownError(OpError):
    """A failure of a kind that has no code of its own."""

    def __init__(self, node_def, op, message, error_code=2):
        super().__init__(node_def, op, message, error_code)


_publish(2, 'UNKNOWN', UnknownError)
CancelledError = _error(1, 'CANCELLED', 'CancelledError', 'The step or queue was cancelled before it was done.')
InvalidArgumentError = _error(3, 'INVALID_ARGUMENT', 'InvalidArgumentError',
                              'An input has a value or a shape that the op cannot use.')
DeadlineExceededError = _error(4, 'DEADLINE_EXCEEDED', 'DeadlineExceededError', 'It took longer than allowed.')
NotFoundError = _error(5, 'NOT_FOUND', 'NotFoundError', 'A file, key or other thing asked for does not exist.')
AlreadyExistsError = _error(6, 'ALREADY_EXISTS', 'AlreadyExistsError', 'What was to be made exists already.')
PermissionDeniedError = _error(7, 'PERMISSION_DENIED', 'PermissionDeniedError', 'The caller may not do this.')
ResourceExhaustedError = _error(8, 'RESOURCE_EXHAUSTED', 'ResourceExhaustedError',
                                'Memory, disk or another resource has run out.')
FailedPreconditionError = _error(9, 'FAILED_PRECONDITION', 'FailedPreconditionError',
                                 'The system is not in a state for this: a variable is uninitialized, say.')
AbortedError = _error(10, 'ABORTED', 'AbortedError', 'It was given up because of something done at the same time.')
OutOfRangeError = _error(11, 'OUT_OF_RANGE', 'OutOfRangeError', 'It ran past the end, of a data set for example.')
UnimplementedError = _error(12, 'UNIMPLEMENTED', 'UnimplementedError', 'The op does not do this.')
InternalError = _error(13, 'INTERNAL', 'InternalError', 'An invariant of the system does not hold.')
UnavailableError = _error(14, 'UNAVAILABLE', 'UnavailableError', 'The service cannot be reached now.')
DataLossError = _error(15, 'DATA_LOSS', 'DataLossError', 'Data is lost or corrupt.')
UnauthenticatedError = _error(16, 'UNAUTHENTICATED', 'UnauthenticatedError', 'The caller is not authenticated.')


class InaccessibleTensorError(ValueError):
    """A tensor is used outside the function graph it belongs to."""


class OperatorNotAllowedInGraphError(TypeError):
    """A Python operator needs the value of a tensor while the graph is still being built."""


_CODE_OF_CLASS = {cls: code for code, cls in _CLASS_OF_CODE.items()}


@export('errors.exception_type_from_error_code')
def exception_type_from_error_code(error_code):
    """The class for a code; KeyError when there is none (as for OK)."""
    return _CLASS_OF_CODE[error_code]


@export('errors.error_code_from_exception_type')
def error_code_from_exception_type(cls):
    """The code of an error class. What has none gives an `UnknownError` object, as in TensorFlow 1."""
    try:
        return _CODE_OF_CLASS[cls]
    except KeyError:
        return UnknownError(None, None, 'Unknown error code: %s' % cls)
