"""Device names such as `/job:ps/task:0/device:GPU:1`, in full or in part, and how nested `tf.device` scopes combine."""

import functools

from graphflow.framework.export import export


@export('DeviceSpec')
class DeviceSpec:
    """A device, possibly known only in part: `DeviceSpec(job='ps', task=1)`. All parts are None when not said.

    job: str.   replica, task, device_index: int.   device_type: str such as 'CPU', kept in upper case.
    """

    __slots__ = ('_job', '_replica', '_task', '_device_type', '_device_index')

    def __init__(self, job=None, replica=None, task=None, device_type=None, device_index=None):
        self.job = job
        self.replica = replica
        self.task = task
        self.device_type = device_type
        self.device_index = device_index

    @property
    def job(self):
        """Name of the job, such as 'worker'."""
        return self._job

    @job.setter
    def job(self, job):
        self._job = None if job is None else str(job)

    @property
    def replica(self):
        """Number of the replica."""
        return self._replica

    @replica.setter
    def replica(self, replica):
        self._replica = None if replica is None else int(replica)

    @property
    def task(self):
        """Number of the task in its job."""
        return self._task

    @task.setter
    def task(self, task):
        self._task = None if task is None else int(task)

    @property
    def device_type(self):
        """Kind of the device, 'CPU' or 'GPU'."""
        return self._device_type

    @device_type.setter
    def device_type(self, device_type):
        self._device_type = None if device_type is None else str(device_type).upper()

    @property
    def device_index(self):
        """Number of the device among those of its type."""
        return self._device_index

    @device_index.setter
    def device_index(self, device_index):
        self._device_index = None if device_index is None else int(device_index)

    @classmethod
    def from_string(cls, spec):
        """The DeviceSpec that `spec` names; ValueError when it does not name one."""
        return cls().parse_from_string(spec)

    def parse_from_string(self, spec):
        """Sets every part from a name and returns self; ValueError when `spec` does not name a device."""
        self.__init__(*_parse(spec))
        return self

    def merge_from(self, dev):
        """Overwrites with the parts that `dev` says."""
        self.__init__(*_merged(self, dev))

    def make_merged_spec(self, dev):
        """A new spec: the parts of `dev`, and of this one where `dev` says nothing."""
        return type(self)(*_merged(self, dev))

    def replace(self, **kwargs):
        """A new spec with the named parts changed."""
        return type(self)(**dict(zip(_PARTS, _parts(self)), **kwargs))

    def to_string(self):
        """The canonical name; '' when nothing is said."""
        name = ''
        if self._job is not None:
            name += '/job:' + self._job
        if self._replica is not None:
            name += '/replica:%d' % self._replica
        if self._task is not None:
            name += '/task:%d' % self._task
        if self._device_type is not None:
            name += '/device:%s:%s' % (self._device_type, '*' if self._device_index is None else self._device_index)
        return name

    def __eq__(self, other):
        return isinstance(other, DeviceSpec) and self.to_string() == other.to_string()

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return hash(self.to_string())


_PARTS = ('job', 'replica', 'task', 'device_type', 'device_index')


def _parts(spec):
    return spec.job, spec.replica, spec.task, spec.device_type, spec.device_index


def _merged(under, over):
    return [low if high is None else high for low, high in zip(_parts(under), _parts(over))]


def _parse(spec):
    """(job, replica, task, device_type, device_index) of a name."""
    job = replica = task = device_type = index = None
    for part in spec.split('/') if spec else ():
        key, *values = part.split(':')
        if not part:
            continue
        if key == 'job' and len(values) == 1:
            job = values[0]
        elif key == 'replica' and len(values) == 1:
            replica = int(values[0])
        elif key == 'task' and len(values) == 1:
            task = int(values[0])
        elif key.upper() in ('CPU', 'GPU') and len(values) <= 1 or key == 'device' and len(values) == 2:
            if device_type is not None:
                raise ValueError('Cannot specify multiple device types: %s' % spec)
            if key == 'device':
                device_type, number = values
            else:
                device_type, number = key, values[0] if values else '*'
            index = None if number == '*' else int(number)
        else:
            raise ValueError("Unknown attribute: '%s' in '%s'" % (key, spec))
    return job, replica, task, device_type, index


def is_device_spec(value):
    """Whether `value` is a DeviceSpec."""
    return isinstance(value, DeviceSpec)


def canonical_name(device):
    """The full spelling of a name ('/gpu:0' is '/device:GPU:0') or of a DeviceSpec; '' for None.

    Raises ValueError when a string does not name a device.
    """
    return '' if device is None else _as_spec(device).to_string()


def check_valid(spec):
    """Raises ValueError when the string does not name a device."""
    _parse(spec)


def _as_spec(device):
    return device if isinstance(device, DeviceSpec) else DeviceSpec.from_string(device)


class MergeDevice:
    """A device function that fills what an op's device leaves open from a DeviceSpec.

    What the op's device says wins, so applied from the innermost scope outward, inner scopes override outer ones.
    """

    __slots__ = ('_spec', '_merged_names')

    def __init__(self, spec):
        self._spec = spec
        self._merged_names = {}     # a scope meets the same few names for thousands of ops

    def __call__(self, op):
        name = op.device
        merged = self._merged_names.get(name)
        if merged is None:
            merged = self._spec.make_merged_spec(DeviceSpec.from_string(name)).to_string()
            self._merged_names[name] = merged
        return merged

    def __repr__(self):
        return 'MergeDevice(%r)' % self._spec.to_string()


def merge_device(spec):
    """The `MergeDevice` for a name, a DeviceSpec or None; ValueError when a string does not name a device."""
    return _merger(canonical_name(spec))


@functools.lru_cache(maxsize=256)
def _merger(name):
    return MergeDevice(DeviceSpec.from_string(name))


def device_function(device):
    """What `tf.device` was given as a function from op to device: functions and None stay, the rest merges."""
    if device is None or callable(device):
        return device
    return merge_device(device)


def device_name(device):
    """A device as an op stores it: a string as it is, a DeviceSpec in canonical form. TypeError for anything else."""
    if isinstance(device, str):
        return device
    if isinstance(device, bytes):
        return device.decode('utf-8')
    if isinstance(device, DeviceSpec):
        return device.to_string()
    raise TypeError('Expected binary or unicode string, got %r' % (device,))


def apply_device_functions(op, functions):
    """Sets the device of a new op from the `tf.device` scopes around it.

    op: has `device` and `_set_device(name)`.   functions: from `device_function`, innermost scope first. Each sees
    the device found so far, and what it returns replaces that. None hides the scopes further out.
    """
    for function in functions:
        if function is None:
            break
        op._set_device(device_name(function(op)))
