from io import BytesIO

import numpy as np
from matplotlib.image import imread

from moodtune.reports.png import png_bytes


def test_a_picture_is_read_back_as_it_was():
    picture = np.random.default_rng(0).integers(0, 256, (7, 5, 3), dtype=np.uint8)
    read = imread(BytesIO(png_bytes(picture, dots_per_inch=130)))
    assert np.array_equal(np.rint(read * 255).astype(np.uint8), picture)
