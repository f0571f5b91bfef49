"""Machine code on disk: shared by processes, never trusted blindly, never in the way."""
import json
import os
import struct
import subprocess
import sys
import time

import numpy as np
import pytest

from graphflow.kernels import jit
from graphflow.kernels.native import loader, store
from graphflow.util import cache_directory

KERNELS = 3     # that the program needs: a row, the loop over rows, and its own
_PROGRAM = '''
import sys
import numpy as np
from graphflow.kernels import elementwise, math, jit
from graphflow.kernels.native.store import store
code = jit._timed
compiled = []
jit._timed = lambda compile_now: compiled.append(1) or code(compile_now)
@jit.jit
def total(x):
    squares = np.empty(x.size)
    for i in range(x.size):
        squares[i] = x[i] * x[i]
    s = 0.0
    for v in squares:
        s += v
    return s
x = np.arange(5.)
assert elementwise.array_function("Add")(x, x).tolist() == [0, 2, 4, 6, 8]
assert total(x) == 30
print(len(compiled), 'numba' in sys.modules, store.directory)
'''


def start(directory, **variables):
    environment = dict(os.environ, GRAPHFLOW_CACHE_DIR=str(directory), PYTHONPATH=os.pathsep.join(sys.path),
                       **variables)
    return subprocess.Popen([sys.executable, '-c', _PROGRAM], env=environment, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)


def result(process):
    """(number of functions compiled, whether numba was imported, directory in use) of a program."""
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert err == ''
    compiled, numba, directory = out.split()
    return int(compiled), numba == 'True', directory


@pytest.fixture(scope='module')
def filled(tmp_path_factory):
    """A directory after several processes at once found it empty."""
    directory = tmp_path_factory.mktemp('cache')
    for process in [start(directory) for _ in range(4)]:
        assert result(process)[0] <= KERNELS
    return directory


def files(directory):
    return [p for p in directory.rglob('*') if p.is_file() and p.name != 'tidied']


def machine_code(directory):
    return [p for p in files(directory) if p.suffix != '.ll']


def test_many_processes_at_once(filled):
    assert result(start(filled))[0] == 0
    assert not [p for p in files(filled) if p.name.startswith('tmp')]


def test_without_numba(filled):
    assert not result(start(filled))[1]


def test_damaged_files_are_written_anew(filled):
    damages = [lambda b: b[:-7], lambda b: b[:20], lambda b: b'', lambda b: b + b'x',
               lambda b: b[:len(b) // 2] + bytes([b[len(b) // 2] ^ 1]) + b[len(b) // 2 + 1:]]
    for i, p in enumerate(machine_code(filled)):
        p.write_bytes(damages[i % len(damages)](p.read_bytes()))
    assert result(start(filled))[0] == KERNELS
    assert result(start(filled))[0] == 0
    own = store.MachineCodeStore()
    own._base, own._directory = str(filled), str(filled)
    own.save('key', b'content')
    whole = (filled / 'key').read_bytes()
    for damage in damages:
        (filled / 'key').write_bytes(damage(whole))
        assert own.load('key') is None


def test_files_of_other_kernels_are_not_mistaken(filled):
    """Whole files under each other's names."""
    found = machine_code(filled)
    contents = [p.read_bytes() for p in found]
    for p, content in zip(found, contents[1:] + contents[:1]):
        p.write_bytes(content)
    assert result(start(filled))[0] == KERNELS


def test_directory_is_for_the_owner_only(filled):
    directory, = [p for p in filled.iterdir() if p.is_dir()]
    assert not hasattr(os, 'getuid') or directory.stat().st_mode & 0o777 == 0o700


def test_directory_that_cannot_be_made(tmp_path):
    (tmp_path / 'file').write_text('')
    below = tmp_path / 'file' / 'below'
    home, scratch = tmp_path / 'home', tmp_path / 'tmp'
    home.mkdir()
    scratch.mkdir()
    variables = dict(HOME=str(home), XDG_CACHE_HOME='', TMPDIR=str(scratch))
    assert result(start(below, **variables))[2].startswith(str(home))
    variables['HOME'] = str(below)
    assert result(start(below, **variables))[2].startswith(str(scratch))


def test_nowhere_to_write(tmp_path, monkeypatch):
    monkeypatch.setattr(cache_directory, 'candidates', lambda: iter([str(tmp_path / 'file')]))
    (tmp_path / 'file').write_text('')
    nowhere = store.MachineCodeStore()
    nowhere.save('key', b'content')
    assert nowhere.directory is None and nowhere.load('key') is None


def test_directories_that_others_may_write_to_are_not_used(tmp_path, monkeypatch):
    base = tmp_path / 'base'
    (base / store._platform()).mkdir(parents=True)
    (base / store._platform()).chmod(0o777)
    monkeypatch.setattr(cache_directory, 'candidates', lambda: iter([str(base)]))
    assert store.MachineCodeStore().directory is None
    (base / store._platform()).chmod(0o755)
    assert store.MachineCodeStore().directory == str(base / store._platform())
    monkeypatch.setattr(os, 'getuid', lambda: os.stat(base).st_uid + 1)
    assert store.MachineCodeStore().directory is None


@pytest.fixture
def own_store(tmp_path, monkeypatch):
    monkeypatch.setattr(cache_directory, 'candidates', lambda: iter([str(tmp_path)]))
    return store.MachineCodeStore()


def test_full_disk(own_store, monkeypatch):
    own_store.save('a', b'content')

    def full(*args):
        raise OSError(28, 'No space left on device')
    monkeypatch.setattr(os, 'replace', full)
    own_store.save('b', b'content')
    assert own_store.load('a') == b'content' and own_store.load('b') is None
    assert os.listdir(own_store.directory) == ['a']


def test_least_recently_used_files_go_first(own_store, tmp_path):
    for age, name in enumerate('abcd'):
        own_store.save(name, bytes(1000))
        os.utime(os.path.join(own_store.directory, name), (1e9 - age, 1e9 - age))
    own_store.save('tmp_left_behind', b'')
    os.utime(os.path.join(own_store.directory, 'tmp_left_behind'), (1e9, 1e9))
    assert own_store.load('d') is not None          # which marks it as used
    store.tidy(tmp_path, limit=10 ** 6)
    assert sorted(os.listdir(own_store.directory)) == ['a', 'b', 'c', 'd']
    store.tidy(tmp_path, limit=4000)
    assert sorted(os.listdir(own_store.directory)) == ['a', 'd']
    store.tidy(tmp_path / 'absent')


def test_size_is_looked_at_once_a_day(own_store, tmp_path, monkeypatch):
    looked = []
    monkeypatch.setattr(store, 'tidy', lambda base: looked.append(base))
    own_store.save('a', b'')
    own_store.save('b', b'')
    assert looked == [str(tmp_path)]
    os.utime(tmp_path / 'tidied', (time.time() - 2 * 24 * 3600,) * 2)
    own_store.save('c', b'')
    assert len(looked) == 2


def test_keys_tell_processors_and_versions_apart(monkeypatch):
    usual = store._platform()
    monkeypatch.setenv('NUMBA_CPU_NAME', 'generic')
    assert store._platform() != usual
    monkeypatch.delenv('NUMBA_CPU_NAME')
    monkeypatch.setattr(store, '_numba_version', lambda: b'another')
    assert store._platform() != usual


def test_slow_compilation_is_announced_once(monkeypatch, caplog):
    monkeypatch.setattr(jit, '_spent', 0.0)
    monkeypatch.setattr(jit, '_told', False)
    monkeypatch.setattr(jit, '_PATIENCE', 0.05)
    caplog.set_level('INFO')
    jit._timed(lambda: None)
    assert not caplog.records
    for _ in range(3):
        jit._timed(lambda: time.sleep(0.06))
    assert len(caplog.records) == 1 and 'compiling kernels' in caplog.text


# Entry points.

@jit.jit
def _described(a, pair, flag, number, real, out):
    out[0] = a.ndim * 1000 + a.itemsize * 100 + pair[0] * 10 + pair[1]
    out[1] = (number if flag else -number) + real
    return flag


def call(a, pair=(1, 2), flag=True, number=3, real=0.5):
    out = np.zeros(2)
    returned = _described(a, pair, flag, number, real, out)
    return returned, out.tolist()


def test_arguments():
    assert call(np.zeros(2, 'f')) == (True, [1412, 3.5])
    assert call(np.zeros((2, 3)), (4, 5), False) == (False, [2845, -2.5])
    assert call(np.zeros((2, 3)).T[::2], real=np.float32(2)) == (True, [2812, 5])
    assert call(np.zeros(2, bool), number=np.int16(-4)) == (True, [1112, -3.5])
    assert call(np.zeros(2, 'q'), number=np.uint64(4), flag=np.bool_(False))[0] is False
    assert call(np.zeros(2, 'l'), (np.int32(7), True)) == (True, [1871, 3.5])
    assert call(np.array(1j)) == (True, [1612, 3.5])


@jit.jit
def _sum(x):
    total = x.dtype.type(0)
    for v in x:
        total += v
    return total


@pytest.mark.parametrize('dtype', 'bilqHQfd')
@pytest.mark.parametrize('step', [1, 2])
def test_dtypes_and_layouts(dtype, step):
    x = np.arange(10).astype(dtype)[::step]
    for array in (x, np.frombuffer(x.tobytes(), dtype)):
        assert _sum(array) == x.sum()


def test_what_entry_points_cannot_take_goes_to_numba():
    x = np.arange(4.)
    unaligned = np.zeros(33, np.uint8)[1:].view(np.float64)
    assert _sum(unaligned) == 0
    assert _sum(x) == 6


@jit.jit
def _tuple_of(x):
    return x[0], (x.size, x[0] > 1)


def test_results():
    assert _tuple_of(np.array([1.5])) == (1.5, (1, True))
    assert jit.jit(lambda x: None)(1) is None
    assert jit.jit(lambda x: x)(np.uint64(2 ** 64 - 1)) == 2 ** 64 - 1
    assert jit.jit(lambda x: x * 2)(-3) == -6


def test_references_are_kept_in_balance():
    x = np.zeros(3)
    pair = (1000001, 1000002)
    out = np.zeros(2)
    _described(x, pair, True, 3, 0.5, out)
    before = [sys.getrefcount(v) for v in (x, pair, pair[0], out, None, NotImplemented)]
    for _ in range(1000):
        _described(x, pair, True, 3, 0.5, out)
        _sum(x)
    after = [sys.getrefcount(v) for v in (x, pair, pair[0], out, None, NotImplemented)]
    assert all(abs(a - b) < 500 for a, b in zip(after, before))


def test_failure_inside_a_kernel():
    @jit.jit
    def fails(x):
        if x > 3:
            raise ValueError('too big')
        return x
    assert fails(3) == 3
    with pytest.raises(RuntimeError, match='fails failed'):
        fails(4)


def test_objects_say_what_they_need(filled):
    for path in machine_code(filled):
        head, _, code = path.read_bytes()[32:].partition(b'\n')
        needed = loader.undefined_symbols(code)
        assert needed is None or not [s for s in needed if 'NRT' in s]


def _shown_symbols(code):
    """The names that an ELF object defines for others to link to."""
    import llvmlite.binding as llvm
    sections = {s.name(): s.data() for s in llvm.ObjectFileRef.from_data(code).sections()}
    names = sections[b'.strtab']
    return {names[start:names.index(b'\0', start)].decode()
            for start, info, _, section, _, _ in struct.iter_unpack('<IBBHQQ', sections[b'.symtab'])
            if start and section and info >> 4}


@pytest.mark.skipif(sys.platform != 'linux', reason='the objects are read as ELF files')
def test_objects_show_nothing_but_their_entry_point(filled):
    """Or the functions that kernels of two processes call would be taken for each other."""
    for path in machine_code(filled):
        head, _, code = path.read_bytes()[32:].partition(b'\n')
        assert _shown_symbols(code) == {json.loads(head)[0]}
