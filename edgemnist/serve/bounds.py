"""How much a client may ask for. What one picture's file may ask for stands in reading/limits.py."""

MAX_BODY_BYTES = 24 * 2**20
"""Of one request: photos of phones have 3 to 12 MB, and three of them go at once."""
MAX_HELD_BYTES = 4 * MAX_BODY_BYTES
"""Of all requests that are arriving, waiting or being answered: the memory that clients can fill."""
MAX_PICTURES = 20
"""Of one request, files and the pages of TIFF files together: a request that takes longest holds a turn no longer than
so many pictures do."""
MAX_PARTS = 2 * MAX_PICTURES
"""Of one form: fields are left alone, but a form of hundreds of thousands keeps Python busy."""
MAX_IMAGES = 10_000
"""28x28 images of one request to /v2: MNIST's validation images, 7.8 MB."""
MAX_JSON_BYTES = 4 * 2**20
"""Of a request to /v2: 1,000 images; Python holds some 20 times as much of it. More go as bytes."""
MAX_WAITING = 256
"""Requests that wait for a turn, and are answered meanwhile: more than clients that are served well at once."""
MAX_CONNECTIONS = 512
"""Open at once: half of the files that a process may usually have open, so that accepting never fails."""

BODY_S = 30
"""Seconds for a body to arrive: 24 MB over 7 Mbit/s."""
HEAD_S = 10
"""Seconds for a request's head to arrive, from the connection on."""
WAIT_S = 30
"""Seconds that a request waits for its turn: by then most clients have given up."""
KEEP_ALIVE_S = 20
"""Seconds that an idle connection stays open."""
STOP_S = BODY_S + WAIT_S
"""Seconds for what is in flight when the server is told to stop."""
RETRY_S = 2
"""Seconds after which a client that was sent away may try again."""
