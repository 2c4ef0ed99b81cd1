// A drawing changes faster than it is read: one reading at a time, and of those that wait only the newest.

const REST_MS = 60; // between two readings, so that a small server has time for others

/** Returns a function that runs a job, now or once the running one is done; a newer job takes a waiting one's place.
 * `busy` is told when there is something to do, and when no more. */
export function newestWins(busy) {
  let waiting = null;
  let running = false;

  return async function run(job) {
    waiting = job;
    if (running) return;
    running = true;
    busy(true);
    try {
      while (waiting) {
        const next = waiting;
        waiting = null;
        await next();
        await pause(REST_MS);
      }
    } finally {
      running = false;
      busy(false);
    }
  };
}

/** Returns a promise that is kept after so many milliseconds. */
export function pause(ms) {
  return new Promise((done) => setTimeout(done, ms));
}
