"""tf.strings."""
import numpy as np


def build(tf):
    fed = tf.placeholder(tf.string, [None])
    words = tf.constant([['a', 'b'], ['c', 'd\u00e9']])
    c = tf.constant
    out = {
        'identity': tf.identity(fed), 'equal': tf.equal(fed, 'b'), 'unequal': tf.not_equal(fed, b'b\xc3\xa9'),
        'join': tf.strings.join(['a', words, 'z'], separator='-'), 'join_old': tf.string_join([fed, fed]),
        'reduce_0': tf.reduce_join(words, 0), 'reduce_01': tf.reduce_join(words, [0, 1], separator='-'),
        'reduce_10': tf.reduce_join(words, [1, 0]), 'reduce_all': tf.strings.reduce_join(words, separator=','),
        'reduce_keep': tf.reduce_join(words, axis=-1, keep_dims=True),
        'numbers': tf.string_to_number(c(['1.5', ' 2 ', '1e3', '-inf'])),
        'ints': tf.strings.to_number(c(['12', '-3']), tf.int32),
        'substr': tf.substr(fed, 0, 1), 'substr_each': tf.strings.substr(c(['hello', 'world']), [-3, 2], [2, 9]),
        'substr_chars': tf.strings.substr(c('h\u00e9llo'), 1, 2, unit='UTF8_CHAR'),
        'length': tf.strings.length(words), 'length_chars': tf.strings.length(words, unit='UTF8_CHAR'),
        'strip': tf.string_strip(c([' a b\n\t '])), 'lower': tf.strings.lower(c(['AB\u00c9'])),
        'upper': tf.strings.upper(c(['ab\u00e9']), encoding='utf-8'),
        'replace': tf.regex_replace(fed, '[ab]+', 'X'),
        'replace_once': tf.strings.regex_replace(c(['abcabc']), '(b)(c)', r'\2\1', replace_global=False),
        'replace_fed': tf.strings.regex_replace(fed, c('a'), c('b')),
        'match': tf.strings.regex_full_match(c(['abc', 'aab']), 'a+b'), 'match_fed': tf.strings.regex_full_match('a', c('a')),
        'raw': tf.decode_raw(c([b'\x01\x00\x02\x00']), tf.uint8), 'raw_floats': tf.decode_raw(b'\0\0\x80?', tf.float32),
        'raw_big': tf.decode_raw(c([b'\x01\x00\x02\x00']), tf.int16, little_endian=False),
        'base64': tf.encode_base64(c(['hello?>'])), 'base64_pad': tf.encode_base64(c(['hello']), pad=True),
        'base64_back': tf.decode_base64(c(['aGVsbG8_Pg', 'aGVsbG8='])),
    }
    for i, value in enumerate((c([1, -2]), c([1.5, .1, 1e10, np.nan]), c([.1], tf.float64), c([True, False]), c([1 + 2j]))):
        out[f'as_string_{i}'] = tf.as_string(value)
    for i, options in enumerate((dict(precision=2), dict(scientific=True), dict(shortest=True),
                                 dict(precision=1, width=8, fill='0'), dict(width=9, fill='-'))):
        out[f'as_string_format_{i}'] = tf.as_string(c([1.5, 1e10]), **options)
    lines = c(['a b  c', '', ' d'])
    for name, split in {'split': tf.string_split(lines), 'split_all': tf.string_split(lines, skip_empty=False),
                        'split_bytes': tf.string_split(lines, delimiter=''), 'split_set': tf.string_split(lines, 'bd'),
                        'split_v2': tf.strings.split(lines), 'split_b': tf.strings.split(lines, sep=' ', maxsplit=1)}.items():
        out[name + '_indices'], out[name + '_values'], out[name + '_shape'] = split.indices, split.values, split.dense_shape
    return out, {fed: ['a', 'b\u00e9', b'\xff\x00b']}


def run(tf, built):
    out, feeds = built
    with tf.Session() as session:
        return session.run(out, feeds)
