// Run as a process of its own by log-failure.test.ts: logs, and says on standard error how it went.
// argv: destination (a number or a path), lines, how to end (close | exit | throw | drain)
import { createLogger } from '../src/index.ts'

const [destination = '1', lines = '10', end = 'close'] = process.argv.slice(2)
const log = createLogger({ destination: /^\d+$/.test(destination) ? Number(destination) : destination })
const filler = 'x'.repeat(900)
for (let line = 0; line < Number(lines); line++) log.logger.info({ line, filler }, 'line')
const start = performance.now()

if (end === 'exit') process.exit(0)
if (end === 'throw') throw new Error('a fault of the program')

if (end === 'drain') await log.close()
else await watch()

/** The loop must go on turning whatever the destination does. */
async function watch(): Promise<void> {
  let turns = 0
  const ticking = setInterval(() => turns++, 5)
  await new Promise((resolve) => setTimeout(resolve, 300))
  clearInterval(ticking)
  log.logger.info('one more')
  await log.close()
  const ms = Math.round(performance.now() - start)
  process.stderr.write(`${JSON.stringify({ turns, lost: log.lostLines, ms })}\n`)
  process.exit(0)
}
