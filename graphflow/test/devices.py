"""What a test asks about the machine: graphflow computes on the CPU alone."""
from graphflow.framework.export import export


@export('test.gpu_device_name')
def gpu_device_name():
    """The name of a GPU: '', as there is none."""
    return ''


@export('test.is_gpu_available')
def is_gpu_available(cuda_only=False, min_cuda_compute_capability=None):
    """Whether nodes can run on a GPU: False."""
    return False


@export('test.is_built_with_cuda')
def is_built_with_cuda():
    """Whether there is support for CUDA: False."""
    return False


@export('test.is_built_with_rocm')
def is_built_with_rocm():
    """Whether there is support for ROCm: False."""
    return False


@export('test.is_built_with_gpu_support')
def is_built_with_gpu_support():
    """Whether there is support for any GPU: False."""
    return False
