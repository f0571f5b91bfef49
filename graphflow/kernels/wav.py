"""Sounds as WAV files, 16 bits a sample: EncodeWav and DecodeWav."""
import struct

import numpy as np

from graphflow.framework import errors
from graphflow.framework.registry import kernel

_HEADER = struct.Struct('<4sI4s4sIHHIIHH4sI')
_PCM, _BITS = 1, 16


def _invalid(message):
    return errors.InvalidArgumentError(None, None, message)


def encode(audio, rate):
    """The WAV file of `audio`, floats [frames, channels] from -1 to 1 (else clipped), at `rate` frames a second."""
    frames, channels = audio.shape
    scaled = np.nan_to_num(audio.astype(np.float32) * np.float32(32768), nan=0., posinf=32767., neginf=-32768.)
    rounded = np.trunc(scaled + np.copysign(np.float32(.5), scaled))    # halves away from zero
    data = np.clip(rounded, -32768, 32767).astype('<i2').tobytes()
    width = channels * _BITS // 8
    return _HEADER.pack(b'RIFF', 36 + len(data), b'WAVE', b'fmt ', 16, _PCM, channels, rate, rate * width, width, _BITS,
                        b'data', len(data)) + data


@kernel('EncodeWav')
def encode_wav(audio, sample_rate):
    audio = np.asarray(audio)
    if audio.ndim != 2:
        raise _invalid(f'audio must be 2-dimensional but got shape {list(audio.shape)}')
    if np.ndim(sample_rate):
        raise _invalid(f'sample_rate should be a scalar but got shape {list(np.shape(sample_rate))}')
    rate = int(sample_rate)
    if rate <= 0:
        raise _invalid(f'sample_rate must be in (0, 2^32), got: {rate}')
    if audio.size == 0:
        raise _invalid('audio is null')
    return np.array(encode(audio, rate), object)


class _Reader:
    """Reads a file in memory from its beginning."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, size, what):
        end = self.at + size
        if end > len(self.data):
            raise _invalid(f'Data too short when trying to read {what}')
        found, self.at = self.data[self.at:end], end
        return found

    def expect(self, wanted):
        found = self.take(len(wanted), 'string')
        if found != wanted:
            raise _invalid(f'Header mismatch: Expected {wanted.decode()} but found {found.decode("latin-1")}')

    def number(self, form):
        return struct.unpack('<' + form, self.take(struct.calcsize(form), 'value'))[0]


def decode(data):
    """(int16 array [frames, channels], frames a second) of the WAV file `data`. Raises: InvalidArgumentError."""
    reader = _Reader(data)
    reader.expect(b'RIFF')
    reader.number('I')
    reader.expect(b'WAVE')
    reader.expect(b'fmt ')
    size = reader.number('I')
    if size not in (16, 18):
        raise _invalid(f'Bad format chunk size for WAV: Expected 16 or 18, but got{size}')
    form, channels, rate = reader.number('H'), reader.number('H'), reader.number('I')
    reader.number('I')
    frame_size, bits = reader.number('H'), reader.number('H')
    if size == 18:
        reader.number('H')
    if form != _PCM:
        raise _invalid(f'Bad audio format for WAV: Expected 1 (PCM), but got{form}')
    if bits != _BITS:
        raise _invalid(f'Can only read 16-bit WAV files, but received {bits}')
    if channels == 0 or frame_size != channels * 2:
        raise _invalid(f'Bad bytes per sample in WAV header: Expected {channels * 2} but got {frame_size}')
    samples = None
    while reader.at < len(data) and samples is None:
        chunk, size = reader.take(4, 'string'), reader.number('I')
        content = reader.take(size, 'data')
        if chunk == b'data':
            samples = np.frombuffer(content[:size // frame_size * frame_size], '<i2')
    if samples is None:
        raise _invalid('No data chunk found in WAV')
    return samples.reshape(-1, channels), rate


@kernel('DecodeWav')
def decode_wav(contents, desired_channels, desired_samples):
    if np.ndim(contents):
        raise _invalid(f'contents must be scalar but got shape {list(np.shape(contents))}')
    samples, rate = decode(np.asarray(contents).item())
    audio = samples.astype(np.float32) / np.float32(32768)
    if desired_samples > -1:
        audio = np.pad(audio[:desired_samples], [(0, max(0, desired_samples - len(audio))), (0, 0)])
    if desired_channels > -1:       # the last channel again for those that are missing
        have = audio.shape[1]
        audio = audio[:, np.minimum(np.arange(desired_channels), have - 1)]
    return np.ascontiguousarray(audio), np.uint32(rate).astype(np.int32)
