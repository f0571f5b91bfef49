"""Expressions whose outcome is recorded from TensorFlow 1.15.5 and compared with graphflow's (runs on both Pythons).

In the expressions, `tf` has the public names, `shapes`, `device` and `protos` are the modules of the framework.
"""

import base64
import re

TYPES = ['float16', 'float32', 'float64', 'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64',
         'bool', 'complex64', 'complex128', 'string', 'resource', 'variant', 'qint8', 'quint8', 'qint16', 'quint16',
         'qint32', 'bfloat16']
TYPE_PROPERTIES = ['name', 'as_datatype_enum', 'base_dtype', '_is_ref_dtype', '_as_ref', 'real_dtype', 'is_bool',
                   'is_integer', 'is_floating', 'is_complex', 'is_quantized', 'is_unsigned', 'is_numpy_compatible',
                   'size', 'min', 'max', 'as_numpy_dtype', 'limits']
TYPE_NAMES = ['None', "'float'", "'float32'", "'float32_ref'", "'half'", "'double_ref'", "'int'", "'bool'", "'str'",
              "'string'", "'<f4'", "'bfloat16'", "'nope'", "''", '1', '101', '19', '150', '0', '2.0', 'True', 'float',
              'int', 'bool', 'complex', 'str', 'bytes', 'object', 'np.float32', 'np.int64', 'np.bool_', 'np.str_',
              'np.bytes_', 'np.object_', "np.dtype('S5')", "np.dtype('<U3')", "np.dtype('O')", "np.dtype('>f4')",
              "np.dtype([('a', '<f4')])", "np.dtype([('qint8', 'i1')])", '[]', 'type', 'np.generic', 'np.longlong',
              'np.ulonglong', 'tf.float32', 'list']

SIZES = ['shapes.Dimension(None)', 'shapes.Dimension(6)', 'shapes.Dimension(0)', 'None', '4', '-3', '2.0', '2.5',
         "'4'", "'x'", '[1]', 'tf.TensorShape([3])']
OPERATORS = ['+', '-', '*', '//', '%', '/', '==', '!=', '<', '<=', '>', '>=']

SHAPES = ['None', '[]', '[1]', '[None]', '[2, 3]', '[None, 3]', '[2, None]', '[2, 3, 4]', '[None] * 3', '[0, 3]', '5']
OTHER_SHAPES = SHAPES + ["'ab'", 'tf.TensorShape([2, 3])', 'shapes.Dimension(3)', '2.5', '[2.5]', "['3']", '[-1]',
                         '[shapes.Dimension(2), None]']
KEYS = ['0', '1', '-1', '5', '-5', ':', '1:', ':-1', '1:2', '-2:', ':1', '0:2', '::2', '3:1', '-1:', '1:-1',
        'shapes.Dimension(0)', 'shapes.Dimension(0):shapes.Dimension(1)', 'True']
SHAPE_PROPERTIES = ['str({})', 'repr({})', 'hash({})', '{}.ndims', '{}.rank', '{}.dims', 'len({})', 'bool({})',
                    'list({})', '{}.as_list()', '{}.num_elements()', '{}.is_fully_defined()', 'str({}.as_proto())',
                    '{}.assert_is_fully_defined()', '{0} == {0}']
SHAPE_RANKS = ['{}.with_rank({})', '{}.assert_has_rank({})', '{}.with_rank_at_least({})', '{}.with_rank_at_most({})']
SHAPE_PAIRS = ['{} == {}', '{} != {}', '{}.merge_with({})', '{}.concatenate({})', '{}.is_compatible_with({})',
               '{}.assert_is_compatible_with({})', '{}.assert_same_rank({})', '{} + {}',
               '{}.most_specific_compatible_shape(shapes.as_shape({}))']

VALUES = ['1', '1.5', '-1', '300', 'True', "'a'", "b'a'", '1j', 'None', '[]', '[[]]', '[1, 2]', '[1., 2]', '[True]',
          '[True, 1]', "['a', 'b']", "['a', 1]", "[1.5, 'a']", '[None]', '[1, None]', '[[1, 2], [3]]', '[[1], 2]',
          '[1, [2]]', '[[1, 2], [3, 4]]', '([1, 2], (3, 4))', 'range(3)', '2**31', '-2**31', '2**63', '2**64',
          '[2**31]', '[1, 2**40]', 'np.array([1, 2])', 'np.array([1., 2.])', 'np.float32(1)', 'np.float64(1.5)',
          'np.int32(3)', 'np.int64(3)', 'np.uint8(200)', "np.array(['a', 'bc'])", "np.array([b'a'])",
          "np.array(['a', None], object)", 'np.array([1, 2], object)', 'np.zeros((0, 3))', 'np.array([True, False])',
          'np.array([1, 2.5], np.float16)', 'np.array([1, 2], np.uint16)', 'np.array([1, 2], np.uint64)',
          'np.array([1, 1j])', 'np.array([1j], np.complex64)', '[np.float64(1)]', '[np.int64(1)]', '[np.int8(1)]',
          '[np.array([1, 2])]', '[np.array([1.5, 2.])]', '[np.array(1), 2]', "'\\u00e9'", 'np.ones((2, 2), order="F")',
          'np.arange(6).reshape(2, 3)[:, ::2]', '1e40', 'float("nan")', '{}', '()', '[()]', '[2., 2., 2.]',
          'np.array(["", ""])', 'tf.TensorShape([2, 3])', 'tf.TensorShape(None)', '[shapes.Dimension(3)]',
          'tf.float32', '65519', '3.14159', '[1.5, 2**63]', '[10**30]']
VALUE_TYPES = ['tf.int32', 'tf.float32', 'tf.string', 'tf.bool', 'tf.int64', 'tf.float16', 'tf.complex64', 'tf.uint8',
               'tf.qint8', 'tf.resource', "'float32'", 'tf.uint64']
FILLED = ['1', '[1]', '[1, 2]', '[[1, 2], [3, 4]]', "'a'", "['a', 'b']", 'np.array(1.)', '[]', '[1.5]',
          'np.zeros([0])']
FILL_SHAPES = ['[2]', '[]', '[1]', '(2, 2)', '[0]', '2', '[None]', '[0, 2]', 'tf.TensorShape([2])', '[6]']
FILL_RULES = ['', ', verify_shape=True', ', allow_broadcast=True', ', dtype=tf.float32',
              ', verify_shape=True, allow_broadcast=True']

DEVICES = ['', '/cpu:0', '/GPU:0', '/gpu', '/device:gpu:1', '/device:GPU:*', '/job:ps/task:0', '/replica:1',
           '/job:w/replica:2/task:3/cpu:0', '/job:w/device:XLA_CPU:0', 'cpu:0', '/foo', '/foo:1', '/device:cpu',
           '/device:', '/job:', '/task:x', 'job:ps', '/tpu:0', '/device:TPU:0', '/task:*', '/cpu:0/gpu:0', '//cpu:0',
           '/cpu:*', '/cpu:0/job:a', '/job:ps/tasks:0', '/device:CPU:0:1', '/gpu:a', '/JOB:a', '/cpu:00', None]
NESTED_DEVICES = ["['/cpu:0', '/gpu:1']", "['/job:a', '/task:1', '/gpu:1']", "['/job:a', None, '/gpu:1']",
                  "['/job:a', lambda op: op.device + '/task:1']", "[lambda op: op.device + '/cpu:0', '/job:a']",
                  "['/job:a', lambda op: '/job:b/cpu:0']", "[lambda op: '/gpu:0', '/cpu:0']", "[None]", "['']",
                  "[lambda op: '/gpu:0', None]", "['/job:a', '']", "[lambda op: tf.DeviceSpec(job='q')]", '[]',
                  "['/cpu:0', lambda op: '/job:a', lambda op: '/task:1']", "['/gpu', '/cpu:1']", "['/gpu:1', '/gpu']",
                  "[tf.DeviceSpec(job='a'), tf.DeviceSpec(task=2)]", "[device.merge_device('/job:a'), '/job:b']"]

CODES = range(18)
ERRORS = ['InvalidArgumentError', 'OutOfRangeError', 'NotFoundError', 'UnknownError', 'CancelledError']


def groups():
    """{group: [expression]}."""
    proto = 'protos.make_tensor_proto({}{})'.format
    return {
        'types': ['tf.as_dtype(%r).%s' % (name + ref, part) for name in TYPES for ref in ('', '_ref')
                  for part in TYPE_PROPERTIES if not (name == 'bfloat16' and part in TYPE_PROPERTIES[-4:])],
        'type_names': [form.format(name) for name in TYPE_NAMES for form in (
            'tf.as_dtype({})', 'tf.float32 == {}', 'tf.float32 != {}', 'tf.float32.is_compatible_with({})')],
        'dimensions': ['%s %s %s' % (a, operator, b) for operator in OPERATORS for a in SIZES[:3] for b in SIZES]
                      + ['%s %s %s' % (b, operator, a) for operator in OPERATORS for a in SIZES[:3] for b in SIZES[3:8]]
                      + ['%s.%s(%s)' % (a, method, b) for a in SIZES[:3] for b in SIZES
                         for method in ('merge_with', 'is_compatible_with')],
        'shapes': [form.format('tf.TensorShape(%s)' % shape) for shape in SHAPES for form in SHAPE_PROPERTIES]
                  + ['tf.TensorShape(%s)[%s]' % (shape, key) for shape in SHAPES for key in KEYS]
                  + [form.format('tf.TensorShape(%s)' % shape, rank) for shape in SHAPES for rank in range(4)
                     for form in SHAPE_RANKS]
                  + [form.format('tf.TensorShape(%s)' % shape, other) for shape in SHAPES for other in OTHER_SHAPES
                     for form in SHAPE_PAIRS],
        'errors': ['tf.errors.exception_type_from_error_code(%d).__name__' % code for code in CODES]
                  + ['tf.errors.error_code_from_exception_type(tf.errors.%s)' % name for name in ERRORS]
                  + ['[(str(e), repr(e), e.args, e.message, e.op, e.error_code) for e in [tf.errors.%s(None, None, "m")]]'
                     % name for name in ERRORS],
        'protos': [proto(value, '') for value in VALUES]
                  + [proto(value, ', dtype=' + dtype) for value in VALUES for dtype in VALUE_TYPES]
                  + [proto(value, ', shape=' + shape + rule) for value in FILLED for shape in FILL_SHAPES
                     for rule in FILL_RULES],
        'devices': [form % (name,) for name in DEVICES for form in (
            'tf.DeviceSpec.from_string(%r).to_string()', 'device.canonical_name(%r)')],
    }


def outcome(text, names):
    """What the expression gives, as text that does not depend on the versions of Python and numpy."""
    try:
        value = eval(text, dict(names))
    except Exception as error:
        return _normal('%s: %s' % (type(error).__name__, error))
    if hasattr(value, 'SerializeToString'):
        return base64.b64encode(value.SerializeToString()).decode()
    if type(value).__module__ == 'numpy' and hasattr(value, 'item') and value.shape == ():
        value = float(value) if value.dtype.kind == 'f' else value.item()
    return _normal(repr(value))


def _normal(text):
    text = re.sub(r' at 0x[0-9a-f]+', '', text)
    text = re.sub(r"(class ')[\w.]*\.(\w+')", r'\1\2', text)
    text = text.replace('or a real number', 'or a number')
    text = text.replace("'numpy.dtypes.VoidDType'", "'numpy.dtype'")
    return text.replace('integer division or modulo', 'integer modulo').replace("type 'bool_'", "type 'bool'")
