import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../processes.ts'
import { removeTemporaryFolder, temporaryFolder } from '../temporary.ts'
import type { LoadOptions, LoadResult } from './load.ts'

/** The line that our script prints starts with this, so that nothing else of wrk's output can be taken for it. */
const MARK = 'tsws-bench '

/** An answer that takes longer than this is counted as an error by wrk. */
const TIMEOUT_S = 10

/** Drives one HTTP/1.1 server with wrk. */
export async function wrk(options: LoadOptions): Promise<LoadResult> {
  const folder = temporaryFolder()
  try {
    const script = join(folder, 'load.lua')
    writeFileSync(script, luaScript(options.messages))
    const url = `${options.tls ? 'https' : 'http'}://127.0.0.1:${options.port}/`
    const seconds = Math.max(1, Math.round(options.durationMs / 1000)) // wrk counts whole seconds
    const { stdout } = await run(
      'wrk',
      [
        `-t${options.threads ?? 1}`,
        `-c${options.connections}`,
        `-d${seconds}s`,
        `--timeout`,
        `${TIMEOUT_S}s`,
        '-s',
        script,
        url,
      ],
      { cpu: options.cpu, timeoutMs: (seconds + TIMEOUT_S) * 1000 },
    )
    return parseWrk(stdout)
  } finally {
    removeTemporaryFolder(folder)
  }
}

/** Reads what the `done` function of our script printed. */
export function parseWrk(stdout: string): LoadResult {
  const line = stdout.split('\n').find((candidate) => candidate.startsWith(MARK))
  if (line === undefined)
    throw new SyntaxError(`wrk: expected a line "${MARK}…", got: ${stdout.slice(0, 500)}`)
  const numbers = line.slice(MARK.length).trim().split(' ').map(Number)
  if (numbers.length !== 11 || numbers.some((number) => !Number.isFinite(number))) {
    throw new SyntaxError(`wrk: expected eleven numbers, got: ${line}`)
  }
  const [requests, durationUs, bytes, p50, p99, p999, connect, read, write, timeout, status] =
    numbers as Eleven
  return {
    requests,
    durationMs: durationUs / 1000,
    bytes,
    latency: { p50, p99, p999 },
    errors: { transport: connect + read + write + timeout, status },
  }
}

type Eleven = [number, number, number, number, number, number, number, number, number, number, number]

/**
 * The script of a run. One message: `wrk.format` is replaced, so that wrk sends the same buffer without calling Lua
 * per request. Several: `request` walks through them. wrk counts the pipelined requests of a message itself.
 */
export function luaScript(messages: readonly string[]): string {
  const list = messages.map(luaString).join(',\n')
  const send =
    messages.length === 1
      ? 'wrk.format = function() return messages[1] end'
      : 'local at = 0\nrequest = function() at = at % #messages + 1; return messages[at] end'
  return `local messages = {\n${list}\n}
${send}
done = function(summary, latency)
  local e = summary.errors
  print(string.format("\\n${MARK}%d %d %d %d %d %d %d %d %d %d %d", summary.requests, summary.duration, summary.bytes,
    latency:percentile(50), latency:percentile(99), latency:percentile(99.9),
    e.connect, e.read, e.write, e.timeout, e.status))
end
`
}

/** Every byte that isn't a plain letter, digit or space, as a decimal escape. */
function luaString(text: string): string {
  const escaped = text.replaceAll(
    /[^a-zA-Z0-9 :/.,;=*+-]/g,
    (char) => `\\${String(char.charCodeAt(0)).padStart(3, '0')}`,
  )
  return `"${escaped}"`
}
