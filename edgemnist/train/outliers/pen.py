"""What a pen can write that is no digit: letters, glyphs of no alphabet, scribbles, and what is left of boxes."""

import torch
from torch import Tensor
from torch.nn import functional as F

from edgemnist.train.outliers.form import draw

LETTERS = """
    A 08-30-68 15-55 | C ~61-30-03-05-38-67 | E 60-00-08-68 04-54 | F 60-00-08 04-54 | H 00-08 60-68 04-64
    K 00-08 60-04-68 | L 00-08-68 | M 08-00-34-60-68 | N 08-00-68-60 | P 08-00 ~00-50-62-44-04
    R 08-00 ~00-50-62-44-04 24-68 | T 00-60 30-38 | U ~00-06-38-66-60 | V 00-38-60 | W 00-28-33-48-60
    X 00-68 60-08 | a ~62-30-04-37-64 60-68 | c ~62-31-04-37-66 | d 60-68 ~63-33-05-38-66
    e 04-64 ~64-42-22-05-28-66 | f ~60-31-34-38 14-54 | h 00-08 ~04-43-65-68 | k 00-08 52-05-68
    m 02-08 ~03-22-33-38 ~33-52-63-68 | n 02-08 ~04-32-64-68 | p 00-0a ~01-40-63-45-04 | r 02-08 ~04-32-53
    t 30-38 12-52 | u ~00-06-38-65 60-68 | w ~00-18-33-33-58-60 | x ~00-34-68 ~60-34-08
    + 30-38 04-64 | # 20-28 40-48 03-63 05-65 | * 30-38 02-66 62-06 | < 60-04-68 | > 00-64-08
    % 60-08 10-11-00 58-57-68 | ? ~01-20-51-34-35 38-37 | ! 30-35 37-38 | & ~68-22-30-42-06-28-65
    $ ~61-20-03-34-65-38-07 30-38 | @ ~44-24-25-45-63-20-05-38
"""
"""Capitals and small letters that look like no digit, and signs: strokes through points of a grid, x from 0 to 6 and y
from 0 at the top to 8 (a is 10); ~ is a curve."""
STEPS = 4
"""Straight pieces between two points of a curve."""
BENDS, TREMBLE = 0.55, 0.2
"""Grid units: how far points move together, and each for itself (standard deviations)."""
STROKES = (3, 5)
"""Of a glyph. Two strokes that hang together are a 1 or a 7 too often."""
GLYPH_TREMBLE = 0.35
"""As that of letters."""
HANGING, STRAIGHT = 0.6, 0.65
"""Shares of a glyph's strokes: that begin on the one before; that are straight."""
CORNERS = (5, 8)
"""Points that a scribble passes."""
LIFTED, SCRIBBLE_STRAIGHT = 0.3, 0.3
"""Shares of the ways between them on which the pen is lifted, in every other scribble; that are straight."""
SIDES = ((0, 3), (2, 3), (1, 2), (0, 2, 3), (1, 2, 3), (0, 1, 3), (0, 1, 2), (0, 2), (0,))
"""Of a box that are left, 0 the upper one, then clockwise. The upper and the right one would make a 7, all a 0."""


def letters(count: int, generator: torch.Generator) -> Tensor:
    """(N, 1, 28, 28): letters and signs, the points of each moved at random."""
    table, there = _letter_table(generator.device)
    which = torch.randint(len(table), (count,), generator=generator, device=generator.device)
    points = table[which]
    # A smooth displacement, so that a point moves the same way in all the strokes that meet there.
    points = points + BENDS * _displacement(points, generator)
    points = points + TREMBLE * _normal(points.shape, generator)
    return draw(_curves(points), there[which], generator)


def scribbles(count: int, generator: torch.Generator) -> Tensor:
    """(N, 1, 28, 28): a pen that wanders from point to point, in every other image lifted now and then."""
    corners = _uniform((count, CORNERS[1], 2), generator) * torch.tensor([6.0, 8.0], device=generator.device)
    points = _with_neighbors(corners)
    straight = _uniform((count, CORNERS[1] - 1, 1, 1), generator) < SCRIBBLE_STRAIGHT
    points = torch.where(straight, _straightened(points), points)
    passed = torch.randint(CORNERS[0], CORNERS[1] + 1, (count, 1), generator=generator, device=generator.device)
    way = torch.arange(CORNERS[1] - 1, device=generator.device)
    lifted = (_uniform((count, 1), generator) < 0.5) & (_uniform((count, CORNERS[1] - 1), generator) < LIFTED)
    return draw(_curves(points), (way < passed - 1) & (~lifted | (way < 2)), generator)


def glyphs(count: int, generator: torch.Generator) -> Tensor:
    """(N, 1, 28, 28): a few strokes between the points of a grid of 3 x 4, as in the letters of many alphabets."""
    shape, device = (count, STROKES[1], 3, 1), generator.device
    spacing = torch.tensor([3.0, 8 / 3], device=device)
    place = torch.cat([torch.randint(0, top, shape, generator=generator, device=device) for top in (3, 4)], 3)
    start, bend, end = (place * spacing).unbind(2)
    end = torch.where((start == end).all(2, keepdim=True), (end + spacing) % (3 * spacing + spacing), end)
    starts = [start[:, 0]]
    for stroke in range(1, STROKES[1]):
        along = (_uniform((count, 1), generator) * 3).floor() / 2
        joint = torch.lerp(starts[-1], end[:, stroke - 1], along)
        starts.append(torch.where(_uniform((count, 1), generator) < HANGING, joint, start[:, stroke]))
    start = torch.stack(starts, 1)
    straight = _uniform((count, STROKES[1], 1), generator) < STRAIGHT
    bend = torch.where(straight, (start + end) / 2, bend)
    points = torch.stack([start, bend, end], 2)
    points = points + GLYPH_TREMBLE * _normal(points.shape, generator)
    share = torch.linspace(0, 1, STEPS + 1, device=device)
    weights = torch.stack([(1 - share) ** 2, 2 * share * (1 - share), share**2], 1)
    drawn = torch.randint(STROKES[0], STROKES[1] + 1, (count, 1), generator=generator, device=device)
    return draw(weights @ points, torch.arange(STROKES[1], device=device) < drawn, generator)


def box_sides(count: int, generator: torch.Generator) -> Tensor:
    """(N, 1, 28, 28): corners and sides of a box alone, as reading leaves them."""
    device = generator.device
    left = torch.tensor([[side in sides for side in range(4)] for sides in SIDES], device=device)
    corners = torch.tensor([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]], device=device)
    size = 1 + 4 * _uniform((count, 1, 2), generator)
    corners = corners * size + 0.05 * size * _normal((count, 4, 2), generator)
    paths = torch.stack([corners, corners.roll(-1, 1)], 2)
    return draw(paths, left[torch.randint(len(left), (count,), generator=generator, device=device)], generator)


def _letter_table(device: torch.device) -> tuple[Tensor, Tensor]:
    """(letters, pieces, 4, 2): the points before, at, after and after that of each piece; (letters, pieces) bool."""
    table = []
    for entry in LETTERS.replace("\n", "|").split("|"):
        pieces = []
        for stroke in entry.split()[1:]:
            points = torch.tensor([[int(digit, 16) for digit in point] for point in stroke.strip("~").split("-")])
            around = _with_neighbors(points.unsqueeze(0).float())[0]
            pieces.append(around if stroke[0] == "~" else _straightened(around))
        if pieces:
            table.append(torch.cat(pieces))
    most = max(map(len, table))
    there = torch.tensor([[piece < len(pieces) for piece in range(most)] for pieces in table])
    padded = torch.stack([F.pad(pieces, (0, 0, 0, 0, 0, most - len(pieces))) for pieces in table])
    return padded.to(device), there.to(device)


def _with_neighbors(points: Tensor) -> Tensor:
    """(N, K - 1, 4, 2): of points (N, K, 2), those around each way from one to the next, ends taken twice."""
    padded = torch.cat([points[:, :1], points, points[:, -1:]], 1)
    return torch.stack([padded[:, :-3], padded[:, 1:-2], padded[:, 2:-1], padded[:, 3:]], 2)


def _straightened(points: Tensor) -> Tensor:
    """Pieces (..., 4, 2) whose outer points lie on the line through the inner ones."""
    start, end = points[..., 1, :], points[..., 2, :]
    return torch.stack([2 * start - end, start, end, 2 * end - start], -2)


def _curves(points: Tensor) -> Tensor:
    """(N, S, 5, 2): of pieces (N, S, 4, 2) the curve from the second point to the third.

    Source: E. Catmull, R. Rom, "A class of local interpolating splines" (1974).
    """
    share = torch.linspace(0, 1, STEPS + 1, device=points.device)
    powers = torch.stack([torch.ones_like(share), share, share**2, share**3], 1)
    basis = points.new_tensor([[0, 2, 0, 0], [-1, 0, 1, 0], [2, -5, 4, -1], [-1, 3, -3, 1]]) / 2
    return powers @ basis @ points


def _displacement(points: Tensor, generator: torch.Generator) -> Tensor:
    """For each of (N, S, 4, 2) points a displacement that changes slowly from place to place."""
    waves = 0.5 * _normal((len(points), 1, 2, 2), generator)
    phases = 3 * _normal((len(points), 1, 1, 2), generator)
    return 1.4 * torch.sin(points @ waves + phases)


def _uniform(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    return torch.rand(shape, generator=generator, device=generator.device)


def _normal(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    return torch.randn(shape, generator=generator, device=generator.device)
