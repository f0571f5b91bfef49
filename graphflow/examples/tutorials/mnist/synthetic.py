"""Handwritten-looking digits drawn by code, for when MNIST itself cannot be had.

The images have MNIST's format (28x28 bytes, ink 255 on paper 0, the digit scaled into a 20x20 box and centred
by its centre of mass), about as much ink, and are the same every time. Each is one pen path from `glyphs`,
with

1. its control points jittered, as no two hands form a digit alike;
2. a smooth wave-like displacement and a random affine map: slant, rotation, width (after Simard, Steinkraus
   and Platt, "Best practices for convolutional neural networks applied to visual document analysis", 2003);
3. ink: the path's length is spread over the pixels it passes, blurred to the pen's width and saturated, which
   leaves soft edges.
"""
import functools
import hashlib
import os
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from graphflow.examples.tutorials.mnist import glyphs
from graphflow.examples.tutorials.mnist.glyphs import skeletons
from graphflow.util import cache_directory

SIDE = 28           # pixels along an edge of an image
BOX = 20            # the digit's longer side, as in MNIST
SAMPLES = 64        # points along a pen path, about a pixel apart
CHUNK = 250         # images drawn at a time, with one pen; few, so that the processor's cache holds them

TRAIN_IMAGES, TEST_IMAGES = 60000, 10000

# How far hands differ; chosen so that a linear classifier is right about nine times in ten, as on MNIST.
JITTER = 0.063
WAVE = 0.048
SLANT, LEAN = 0.27, 0.15
ROTATION = 0.15
ASPECT = 0.18
SHIFT = 0.5         # pixels off the centre


@functools.lru_cache(maxsize=None)
def load(part):
    """The built-in `part`, 'train' (60,000 images) or 'test' (10,000). Drawing takes seconds, so they are kept on disk.

    Returns:
        `(images, labels)` as `draw` does. They are kept for the next caller and not writeable.
    """
    count, seed = {'train': (TRAIN_IMAGES, 20151109), 'test': (TEST_IMAGES, 19980401)}[part]
    found = cache_directory.find('digits')
    path = found and os.path.join(found[1], '%s-%s' % (part, _digest()))
    images, labels = path and _read(path, count) or _draw_and_keep(path, count, seed)
    images.flags.writeable = labels.flags.writeable = False
    return images, labels


def _digest():
    """Of all that decides what is drawn."""
    digest = hashlib.sha256(np.__version__.encode())
    for name in (__file__, glyphs.__file__):
        with open(name, 'rb') as file:
            digest.update(file.read())
    return digest.hexdigest()[:16]


def _read(path, count):
    """What `_draw_and_keep` has written; None unless it is whole."""
    pixels = count * SIDE * SIDE
    try:
        content = np.fromfile(path, np.uint8)
    except OSError:
        return None
    if content.size != 4 + pixels + count or content[:4].tobytes() != _checksum(content[4:]):
        return None
    return content[4:4 + pixels].reshape(count, SIDE, SIDE, 1), content[4 + pixels:]


def _draw_and_keep(path, count, seed):
    images, labels = draw(count, seed)
    if path:
        content = np.concatenate([images.ravel(), labels])
        try:
            cache_directory.write(path, _checksum(content), content)
        except OSError:         # then they are drawn again next time
            pass
    return images, labels


def _checksum(content):
    return struct.pack('<I', zlib.crc32(content))


def draw(count, seed):
    """Draws `count` digits.

    Returns:
        `(images, labels)`: uint8 of shape (count, 28, 28, 1), and uint8 of shape (count,), the digits 0..9 in
        random order. The same count and seed always give the same images.
    """
    random = np.random.RandomState(seed)
    labels = random.randint(10, size=count).astype(np.uint8)
    chunks = []
    for digit in range(10):
        where = np.flatnonzero(labels == digit)
        ways, probability = skeletons(digit, SAMPLES)
        way = random.choice(len(ways), size=len(where), p=probability)
        for number, skeleton in enumerate(ways):
            chosen = where[way == number]
            chunks += [(skeleton, chosen[at:at + CHUNK]) for at in range(0, len(chosen), CHUNK)]
    images = np.empty([count, SIDE, SIDE, 1], np.uint8)

    def fill(number):               # a seed per chunk keeps the result the same in whatever order threads run
        skeleton, where = chunks[number]
        hand = np.random.RandomState([seed, number])
        images[where, :, :, 0] = _ink(_paths(skeleton, len(where), hand), skeleton.pen_down, hand)

    with ThreadPoolExecutor(min(os.cpu_count() or 1, 8)) as pool:
        list(pool.map(fill, range(len(chunks))))
    return images, labels


def _paths(skeleton, count, random):
    """(count, SAMPLES, 2) pen paths in pixels: copies of `skeleton`, each in a hand of its own."""
    def normal(scale):
        return random.normal(scale=scale, size=count).astype(np.float32)

    controls = skeleton.controls - 0.5 + random.normal(scale=JITTER, size=(count,) + skeleton.controls.shape)
    path = np.matmul(skeleton.matrix.astype(np.float32), controls.astype(np.float32))
    x, y = path[..., 0], path[..., 1]
    for axis in (0, 1):                                         # a wave of about one period across the digit
        direction, phase = random.uniform(0, 2 * np.pi, (2, count, 1)).astype(np.float32)
        frequency = random.uniform(3, 8, (count, 1)).astype(np.float32)
        wave = np.sin(frequency * (x * np.cos(direction) + y * np.sin(direction)) + phase)
        path[..., axis] += normal(WAVE)[:, None] * wave
    slant, angle, aspect = normal(SLANT) + LEAN, normal(ROTATION), np.exp(normal(ASPECT))
    cos, sin = np.cos(angle), np.sin(angle)
    bend = np.array([[cos * aspect, -slant * cos - sin], [sin * aspect, cos - slant * sin]])
    path = np.matmul(path, bend.transpose(2, 1, 0))
    low, high = path.min(axis=1, keepdims=True), path.max(axis=1, keepdims=True)
    size = (high - low).max(axis=2, keepdims=True)
    return path * ((BOX - 2) / size)


def _ink(path, pen_down, random):
    """(count, 28, 28) uint8 images of the pen paths, centred by their centre of mass."""
    count = len(path)
    step = path[:, 1:] - path[:, :-1]
    weight = np.hypot(step[..., 0], step[..., 1]) * pen_down.astype(np.float32)
    middle = (path[:, 1:] + path[:, :-1]) / 2
    centre = np.matmul(weight[:, None], middle) / weight.sum(axis=1)[:, None, None]
    middle += (SIDE - 1) / 2 + random.normal(scale=SHIFT, size=(count, 1, 2)).astype(np.float32) - centre
    image = _spread(np.clip(middle, 1.01, SIDE - 2.01), weight)

    pen = np.clip(random.normal(0.95, 0.2), 0.6, 1.4)           # the line's half width
    image = _blur(_blur(image, pen, 1), pen, 2)
    pressure = random.uniform(3, 6, count) * pen
    image = image * (pressure * 255).astype(np.float32)[:, None, None]
    image *= 1 - 0.15 * random.random_sample((SIDE, SIDE)).astype(np.float32)      # the paper's grain
    image -= 80                                                 # blank paper stays blank, edges get crisp
    return np.clip(image, 0, 255).astype(np.uint8)


def _blur(image, sigma, axis):
    """`image` convolved with a Gaussian of standard deviation `sigma` along `axis`, zeros outside."""
    tap = (np.exp(-0.5 * (np.arange(5) / sigma)**2) / np.sqrt(2 * np.pi) / sigma).astype(np.float32)
    blurred = image * tap[0]
    source, target = np.moveaxis(image, axis, 0), np.moveaxis(blurred, axis, 0)
    for distance in range(1, len(tap)):
        target[distance:] += tap[distance] * source[:-distance]
        target[:-distance] += tap[distance] * source[distance:]
    return blurred


def _spread(points, weight):
    """(count, 28, 28) float32 images with each point's weight shared among the four pixels around it."""
    count = len(points)
    corner = points.astype(np.int64)
    right, below = np.moveaxis(points - corner.astype(np.float32), -1, 0)
    pixel = corner[..., 1] * SIDE + corner[..., 0] + np.arange(count)[:, None] * (SIDE * SIDE)
    above = weight * (1 - below)
    below = weight * below
    image = np.zeros(count * SIDE * SIDE)
    for offset, share in ((0, above * (1 - right)), (1, above * right), (SIDE, below * (1 - right)),
                          (SIDE + 1, below * right)):
        image += np.bincount((pixel + offset).ravel(), share.ravel(), image.size)
    return image.reshape(count, SIDE, SIDE).astype(np.float32)
