"""TFRecord files: records of bytes one after the other, each with checksums. Event files are of this format too.

A record is, with numbers in little-endian order: its length (8 bytes), the masked CRC-32C of these 8 bytes, the bytes,
the masked CRC-32C of the bytes. The file as a whole may be compressed with zlib or gzip.
"""
import struct
import zlib

from graphflow.framework import errors
from graphflow.framework.export import export
from graphflow.io import checksum
from graphflow.platform import compat
from graphflow.platform.gfile import GFile
from graphflow.util.deprecation import deprecated

_PIECE = 1 << 20        # bytes read at a time, so that a damaged length does not ask for more memory than the file has
_LENGTH, _CHECKSUM = struct.Struct('<Q'), struct.Struct('<I')


@export('python_io.TFRecordCompressionType')
class TFRecordCompressionType:
    """How a TFRecord file is compressed."""
    NONE, ZLIB, GZIP = range(3)


@export('python_io.TFRecordOptions')
class TFRecordOptions:
    """How a TFRecord file is compressed.

    Args:
      compression_type: '' (or None), 'ZLIB', 'GZIP' or a TFRecordCompressionType.
      flush_mode: zlib's mode for `TFRecordWriter.flush`; None: nothing is forced out of the compressor.
      input_buffer_size, output_buffer_size: accepted for compatibility.
      window_bits, compression_level, compression_method, mem_level, compression_strategy: as for `zlib.compressobj`;
        None for zlib's defaults.

    Raises: ValueError if `compression_type` is none of those.
    """
    compression_type_map = {TFRecordCompressionType.ZLIB: 'ZLIB', TFRecordCompressionType.GZIP: 'GZIP',
                            TFRecordCompressionType.NONE: ''}

    def __init__(self, compression_type=None, flush_mode=None, input_buffer_size=None, output_buffer_size=None,
                 window_bits=None, compression_level=None, compression_method=None, mem_level=None,
                 compression_strategy=None):
        self.get_compression_type_string(compression_type)
        self.compression_type, self.flush_mode = compression_type, flush_mode
        self.input_buffer_size, self.output_buffer_size = input_buffer_size, output_buffer_size
        self.window_bits, self.compression_level = window_bits, compression_level
        self.compression_method, self.mem_level = compression_method, mem_level
        self.compression_strategy = compression_strategy

    @classmethod
    def get_compression_type_string(cls, options):
        """'', 'ZLIB' or 'GZIP' of TFRecordOptions, of a TFRecordCompressionType, or of such a string or None."""
        if options is None:
            return ''
        if isinstance(options, TFRecordOptions):
            return cls.get_compression_type_string(options.compression_type)
        if options in cls.compression_type_map:
            return cls.compression_type_map[options]
        if options in cls.compression_type_map.values():
            return options
        raise ValueError(f'Not a valid compression_type: "{options}"')

    def _compressor(self):
        def given(value, default):
            return default if value is None else value
        bits = given(self.window_bits, zlib.MAX_WBITS)
        if self.get_compression_type_string(self) == 'GZIP' and bits <= zlib.MAX_WBITS:
            bits += 16      # zlib's sign for gzip's header
        return zlib.compressobj(given(self.compression_level, zlib.Z_DEFAULT_COMPRESSION),
                                given(self.compression_method, zlib.DEFLATED), bits, given(self.mem_level, 9),
                                given(self.compression_strategy, zlib.Z_DEFAULT_STRATEGY))


@export('python_io.TFRecordWriter')
class TFRecordWriter:
    """Writes a TFRecord file; a context manager that closes it.

    Args:
      path: the file to write, a new one.
      options: TFRecordOptions, a TFRecordCompressionType or its name; None: not compressed.

    Raises: OpError if the file cannot be opened; ValueError for options that are none.
    """

    def __init__(self, path, options=None):
        if not isinstance(options, TFRecordOptions):
            options = TFRecordOptions(compression_type=options)
        self._options = options
        self._file = GFile(path, 'wb')
        self._file.write(b'')       # opens it: errors are told now
        compressed = options.get_compression_type_string(options)
        self._compressor = options._compressor() if compressed else None

    def write(self, record):
        """Appends one record, a bytes object."""
        if not isinstance(record, bytes):
            raise TypeError(f'expected bytes, {type(record).__name__} found')
        length = _LENGTH.pack(len(record))
        data = b''.join([length, _CHECKSUM.pack(checksum.masked(length)), record,
                         _CHECKSUM.pack(checksum.masked(record))])
        self._open_file().write(self._compressor.compress(data) if self._compressor else data)

    def _open_file(self):
        if self._file is None:
            raise errors.FailedPreconditionError(None, None, 'Writer not initialized or previously closed')
        return self._file

    def flush(self):
        """Hands what was written to the operating system."""
        file = self._open_file()
        if self._compressor and self._options.flush_mode:
            file.write(self._compressor.flush(self._options.flush_mode))
        file.flush()

    def close(self):
        """Writes what is left and closes the file."""
        if self._file is not None:
            if self._compressor:
                self._file.write(self._compressor.flush())
            self._file.close()
            self._file = None

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()


class _Plain:
    """A file read in pieces."""

    def __init__(self, path):
        self._file = GFile(path, 'rb')

    def read(self, size):
        """The next `size` bytes, fewer at the end of the file."""
        pieces = []
        while size > 0:
            piece = self._file.read(min(size, _PIECE))
            if not piece:
                break
            pieces.append(piece)
            size -= len(piece)
        return pieces[0] if len(pieces) == 1 else b''.join(pieces)

    def close(self):
        self._file.close()


class _Inflated(_Plain):
    """A compressed file read in pieces."""

    def __init__(self, path, kind):
        super().__init__(path)
        self._inflater = zlib.decompressobj(zlib.MAX_WBITS + (16 if kind == 'GZIP' else 0))
        self._input = b''

    def read(self, size):
        pieces = []
        while size > 0 and not self._inflater.eof:
            self._input = self._input or self._file.read(_PIECE)
            try:
                piece = self._inflater.decompress(self._input, min(size, _PIECE))
            except zlib.error as error:
                raise errors.DataLossError(None, None, str(error)) from None
            if not piece and not self._input:
                break
            self._input = self._inflater.unconsumed_tail
            pieces.append(piece)
            size -= len(piece)
        return b''.join(pieces)


def records(path, compression=''):
    """Yields the records of a TFRecord file, bytes objects.

    Args:
      path: the file.
      compression: '', 'ZLIB' or 'GZIP'.

    Raises: DataLossError at a record that is cut or does not have its checksum; OpError if the file cannot be read.
    """
    source = _Inflated(path, compression) if compression else _Plain(path)
    try:
        start = 0
        while True:
            head = source.read(_LENGTH.size + _CHECKSUM.size)
            if len(head) < _LENGTH.size + _CHECKSUM.size:       # what is left of a writer that was killed is no error
                return
            length, = _LENGTH.unpack_from(head)
            _check(head[:_LENGTH.size], head[_LENGTH.size:], start)
            body = source.read(length + _CHECKSUM.size)
            if len(body) < length + _CHECKSUM.size:
                raise errors.DataLossError(None, None, f'truncated record at {start}')
            record = body[:length]
            _check(record, body[length:], start + len(head))
            yield record
            start += len(head) + len(body)
    finally:
        source.close()


def _check(data, stored, at):
    if checksum.masked(data) != _CHECKSUM.unpack(stored)[0]:
        raise errors.DataLossError(None, None, f'corrupted record at {at}')


@export('python_io.tf_record_iterator')
@deprecated(None, 'Use eager execution and: \n`tf.data.TFRecordDataset(path)`')
def tf_record_iterator(path, options=None):
    """Yields the records of a TFRecord file, bytes objects.

    Args:
      path: the file.
      options: TFRecordOptions, a TFRecordCompressionType or its name; None: not compressed.

    Raises: DataLossError at a damaged record; OpError if the file cannot be read.
    """
    return records(compat.path_to_str(path), TFRecordOptions.get_compression_type_string(options))
