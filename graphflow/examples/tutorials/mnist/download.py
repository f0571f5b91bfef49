"""Fetching the MNIST files: whole and checked, or not at all."""
import hashlib
import http.client
import os
import queue
import tempfile
import threading
import urllib.error
import urllib.request

DEFAULT_SOURCE_URL = 'https://storage.googleapis.com/cvdf-datasets/mnist/'
MIRRORS = (DEFAULT_SOURCE_URL, 'https://ossci-datasets.s3.amazonaws.com/mnist/')
MNIST_SOURCES = MIRRORS + ('http://yann.lecun.com/exdb/mnist/', 'https://yann.lecun.com/exdb/mnist/')

# name: (bytes, SHA-256) of the files that all of MNIST_SOURCES serve
FILES = {
    'train-images-idx3-ubyte.gz': (
        9912422, '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609'),
    'train-labels-idx1-ubyte.gz': (
        28881, '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c'),
    't10k-images-idx3-ubyte.gz': (
        1648877, '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6'),
    't10k-labels-idx1-ubyte.gz': (
        4542, 'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6'),
}

TIMEOUT = 5             # seconds: until a server must answer, and between one piece of the file and the next
FAILURES = (OSError, ValueError, http.client.HTTPException)


def maybe_download(filename, work_directory, source_url):
    """Downloads the file at `source_url` to `work_directory/filename` unless it is there already.

    Returns:
        The path of the file.

    Raises:
        OSError (as urllib's `URLError`): it could not be downloaded.
    """
    path = os.path.join(work_directory, filename)
    if not os.path.exists(path):
        fetch(source_url, path)
        print('Successfully downloaded', filename, os.path.getsize(path), 'bytes.')
    return path


def fetch_mnist(filename, directory, source_url, mirrors=MIRRORS, files=None):
    """Downloads one of the four MNIST files from `source_url` or, where that is a known home of MNIST, from
    the first of `mirrors` that has the right file. Other addresses serve other digits (or shoes) under the
    same names, so only MNIST's own are held to its checksums.

    Returns:
        The path of the file.

    Raises:
        One of `FAILURES`, the last one met.
    """
    path = os.path.join(directory, filename)
    if source_url not in MNIST_SOURCES and source_url not in mirrors:
        return maybe_download(filename, directory, source_url + filename)
    size, sha256 = (files or FILES)[filename]
    for source in dict.fromkeys((source_url,) + tuple(mirrors)):
        try:
            fetch(source + filename, path, size, sha256)
            print('Successfully downloaded', filename, os.path.getsize(path), 'bytes.')
            return path
        except FAILURES as error:
            failure = error
    raise failure


def fetch(url, path, size=None, sha256=None, timeout=None):
    """Downloads `url` to `path`, which appears only when the whole file has arrived and passed the checks.

    Args:
        url: the address.
        path: where to put it; folders on the way are made.
        size: the expected number of bytes, if known. What the server announces is checked in any case.
        sha256: the expected checksum in hexadecimal, if known.
        timeout: seconds to wait for the server, and for each piece; `TIMEOUT` unless given.

    Raises:
        OSError: no answer, an error status, or (urllib's `ContentTooShortError`) an incomplete one.
        ValueError: the file is not the expected one.
    """
    with _open(url, timeout or TIMEOUT) as response:
        directory = os.path.dirname(path) or '.'
        os.makedirs(directory, exist_ok=True)
        handle, partial = tempfile.mkstemp(prefix=os.path.basename(path) + '.', suffix='.part', dir=directory)
        try:
            with os.fdopen(handle, 'wb') as file:
                found, digest = _copy(response, file, os.path.basename(path), size)
            announced = response.headers.get('Content-Length')
            expected = int(announced) if announced else size
            if expected is not None and found < expected:
                raise urllib.error.ContentTooShortError(
                    'download of %s ended early: expected %d bytes, found %d' % (url, expected, found), None)
            if size is not None and found != size:
                raise ValueError('%s is not the right file: expected %d bytes, found %d' % (url, size, found))
            if sha256 is not None and digest != sha256:
                raise ValueError('%s is not the right file: expected SHA-256 %s, found %s'
                                 % (url, sha256, digest))
            os.chmod(partial, 0o644)                    # mkstemp's files are for their owner only
            os.replace(partial, path)
        except BaseException:
            os.unlink(partial)
            raise


def _open(url, timeout):
    """`urlopen`, but looking up the host's name counts towards the time limit too.

    Sockets alone may wait longer.
    """
    answer = queue.Queue()

    def ask():
        try:
            answer.put(urllib.request.urlopen(url, timeout=timeout))
        except Exception as error:
            answer.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        result = answer.get(timeout=timeout + 1)
    except queue.Empty:
        raise urllib.error.URLError('no answer within %g seconds' % timeout) from None
    if isinstance(result, Exception):
        raise result
    return result


def _copy(response, file, name, size):
    """Copies with a progress bar; returns the number of bytes and their SHA-256."""
    from tqdm import tqdm
    digest = hashlib.sha256()
    found = 0
    total = int(response.headers.get('Content-Length') or size or 0) or None
    with tqdm(total=total, desc=name, unit='B', unit_scale=True, disable=None, leave=False) as bar:
        while True:
            try:
                piece = response.read(1 << 16)
            except http.client.IncompleteRead as error:
                piece = error.partial
            if not piece:
                return found, digest.hexdigest()
            file.write(piece)
            digest.update(piece)
            found += len(piece)
            bar.update(len(piece))
