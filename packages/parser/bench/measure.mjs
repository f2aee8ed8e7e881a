const CALLS = 1000

/** Nanoseconds for one call: the fastest of many short runs, what the code costs when no other process is in its way. */
export function measure(parse, bytes, milliseconds) {
  const end = process.hrtime.bigint() + BigInt(milliseconds * 1e6)
  let best = Infinity
  for (let now = process.hrtime.bigint(); now < end;) {
    for (let i = 0; i < CALLS; i++) parse(bytes)
    const after = process.hrtime.bigint()
    best = Math.min(best, Number(after - now) / CALLS)
    now = after
  }
  return best
}

export function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1]
}
