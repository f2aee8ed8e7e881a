/** Where the server's time comes from; tests bring their own. */
export interface Clock {
  /** Milliseconds that only go forward. */
  now(): number
  /** Calls back every `period` milliseconds until the returned function is called; does not keep the process alive. */
  every(period: number, callback: () => void): () => void
}

export const systemClock: Clock = {
  now: () => performance.now(),
  every(period, callback) {
    const timer = setInterval(callback, period)
    timer.unref()
    return () => clearInterval(timer)
  },
}
