/** Random per process, so that two threads or two restarts never give the same id. */
const prefix = Math.floor(Math.random() * 36 ** 6)
  .toString(36)
  .padStart(6, '0')
let count = 0

/** Unique within this process and unlikely to meet another's; cheap, and no secret. */
export function nextRequestId(): string {
  return `${prefix}-${(++count).toString(36)}`
}
