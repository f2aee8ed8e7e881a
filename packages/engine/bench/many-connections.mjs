// Ten thousand connections at once: all served, and what one costs while it is idle.
//   pnpm build && pnpm exec node packages/engine/bench/many-connections.mjs [connections]
// It needs Linux, wrk, h2load, and `ulimit -n` well above the number.
import { execFile, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ready } from './ready.mjs'

const run = promisify(execFile)
const [connections = 10_000] = process.argv.slice(2).map(Number)
const PORT = 20_000 + (process.pid % 10_000)
const URL_ = `http://127.0.0.1:${PORT}/`
const GET = `GET / HTTP/1.1\r\nHost: 127.0.0.1:${PORT}\r\n\r\n`

const program = fileURLToPath(new URL('hello.mjs', import.meta.url))
const server = spawn(process.execPath, ['--expose-gc', program, String(PORT)], { stdio: 'inherit' })
try {
  await ready(URL_)
  for (const socket of await openIdle(200)) socket.destroy()
  const before = await resident()
  const sockets = await openIdle(connections)
  const after = await resident()
  console.log(
    `idle: ${((after - before) / connections / 1024).toFixed(2)} KB a connection (${connections} open, each was answered once)`,
  )
  for (const socket of sockets) socket.destroy()

  const h2load = await run('h2load', [
    '--h1',
    '-t',
    '1',
    '-c',
    String(connections),
    '-n',
    String(connections * 10),
    URL_,
  ])
  console.log('h2load:', /requests: .*/.exec(h2load.stdout)[0])
  if (!h2load.stdout.includes(' 0 failed, 0 errored, 0 timeout')) throw new Error(h2load.stdout)
  const wrk = await run('wrk', ['-t1', `-c${connections}`, '-d5s', '--timeout', '10s', URL_])
  console.log(
    'wrk:',
    wrk.stdout
      .split('\n')
      .filter((line) => /requests in|Socket errors|Non-2xx/.test(line))
      .join(' ')
      .trim(),
  )
  if (/Socket errors|Non-2xx/.test(wrk.stdout)) throw new Error(wrk.stdout)
} finally {
  server.kill()
}
process.exit()

/** Bytes, when garbage has had time to go. */
async function resident() {
  await new Promise((resolve) => setTimeout(resolve, 2000))
  const status = await readFile(`/proc/${server.pid}/status`, 'latin1')
  return Number(/VmRSS:\s+(\d+)/.exec(status)[1]) * 1024
}

async function openIdle(count) {
  const sockets = []
  for (let number = 0; number < count; number += 200) {
    const wave = Array.from({ length: Math.min(200, count - number) }, () => answered())
    sockets.push(...(await Promise.all(wave)))
  }
  return sockets
}

function answered() {
  return new Promise((resolve, reject) => {
    const socket = connect(PORT, '127.0.0.1', () => socket.write(GET))
    socket.once('error', reject)
    socket.once('data', (bytes) =>
      bytes.toString().startsWith('HTTP/1.1 200 ') ? resolve(socket) : reject(new Error(bytes.toString())),
    )
  })
}
