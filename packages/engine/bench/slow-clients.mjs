// What normal clients notice of a thousand that send one byte a second: p99 beside them and without them.
//   pnpm build && pnpm exec node packages/engine/bench/slow-clients.mjs [rounds] [seconds]
// It needs Linux, wrk and h2load. The server has core 0, all clients core 1.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ready } from './ready.mjs'

const run = promisify(execFile)
const [rounds = 3, seconds = 4] = process.argv.slice(2).map(Number)
const SLOW_CLIENTS = 1000
const PORT = 20_000 + (process.pid % 10_000)
const URL_ = `http://127.0.0.1:${PORT}/`
const log = join(tmpdir(), `tsws-slow-clients-${process.pid}.log`)

/** Requests whose bytes never end: a slow head, a slow body. */
const SLOW = [
  ['GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ', 'a'],
  ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n', 'b'],
]

const server = spawn(
  'taskset',
  ['-c', '0', process.execPath, fileURLToPath(new URL('hello.mjs', import.meta.url)), String(PORT)],
  {
    stdio: 'inherit',
  },
)
try {
  await run('taskset', ['-c', '-p', '1', String(process.pid)])
  await ready(URL_)
  const rows = []
  for (let round = 0; round < rounds; round++) {
    for (const slow of round % 2 === 0 ? [false, true] : [true, false]) {
      const attack = slow ? await startSlowClients() : null
      const paced = await pacedP99()
      const full = await saturatedP99()
      rows.push({ slow, paced, full, open: attack?.open() ?? 0 })
      console.log(
        `round ${round + 1} ${slow ? 'beside slow clients' : 'alone'}: paced p99 ${paced} µs, saturated p99 ${full} µs${slow ? `, ${attack.open()} slow connections` : ''}`,
      )
      if (attack !== null && attack.open() < SLOW_CLIENTS)
        throw new Error(`only ${attack.open()} slow clients were connected`)
      await attack?.stop()
    }
  }
  for (const load of ['paced', 'full']) {
    const of = (slow) =>
      rows
        .filter((row) => row.slow === slow)
        .map((row) => row[load])
        .toSorted((a, b) => a - b)
    const [alone, beside] = [of(false), of(true)]
    const median = (values) => values[values.length >> 1]
    console.log(
      `${load === 'paced' ? 'paced, 1600 requests/s' : 'saturated, 32 connections'}: p99 alone ${median(alone)} µs (${alone[0]}–${alone.at(-1)}), ` +
        `beside ${SLOW_CLIENTS} slow clients ${median(beside)} µs (${beside[0]}–${beside.at(-1)}), ${(median(beside) / median(alone)).toFixed(2)} x`,
    )
  }
} finally {
  server.kill()
  await rm(log, { force: true })
}
process.exit()

/** 32 clients that ask 50 times a second each; from the log of every request. */
async function pacedP99() {
  const { stdout } = await run('h2load', [
    '--h1',
    '-c',
    '32',
    '-t',
    '1',
    '--rps',
    '50',
    '-D',
    String(seconds),
    `--log-file=${log}`,
    URL_,
  ])
  if (!/ 0 failed, 0 errored, 0 timeout/.test(stdout)) throw new Error(stdout)
  const times = (await readFile(log, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => line.split('\t'))
    .map(([, status, micros]) => {
      if (status !== '200') throw new Error(`an answer was ${status}`)
      return Number(micros)
    })
    .toSorted((a, b) => a - b)
  await rm(log)
  return times[Math.floor(times.length * 0.99)]
}

/** 32 clients that ask again as soon as they have their answer. */
async function saturatedP99() {
  const { stdout } = await run('wrk', ['-t1', '-c32', `-d${seconds}s`, '--latency', URL_])
  if (/Socket errors|Non-2xx/.test(stdout)) throw new Error(stdout)
  const [, value, unit] = /99%\s+([\d.]+)(us|ms|s)/.exec(stdout)
  return Math.round(Number(value) * { us: 1, ms: 1000, s: 1_000_000 }[unit])
}

async function startSlowClients() {
  const sockets = new Set()
  let stopped = false
  const add = (number) => {
    const [head] = SLOW[number % SLOW.length]
    const socket = connect(PORT, '127.0.0.1', () => socket.write(head))
    socket.number = number
    socket.on('error', () => {})
    socket.resume()
    sockets.add(socket)
    socket.once('close', () => {
      sockets.delete(socket)
      if (!stopped) add(number) // who is cut off comes again
    })
    return socket
  }
  for (let number = 0; number < SLOW_CLIENTS; number += 100) {
    const wave = Array.from({ length: 100 }, (_, index) => add(number + index))
    await Promise.all(wave.map((socket) => once(socket, 'connect')))
  }
  // A hundredth of them every 10 ms: each sends one byte a second.
  let turn = 0
  const timer = setInterval(() => {
    turn = (turn + 1) % 100
    for (const socket of sockets)
      if (socket.number % 100 === turn) socket.write(SLOW[socket.number % SLOW.length][1])
  }, 10)
  return {
    open: () => [...sockets].filter((socket) => !socket.connecting).length,
    async stop() {
      stopped = true
      clearInterval(timer)
      const closed = [...sockets].map((socket) => once(socket, 'close'))
      for (const socket of sockets) socket.destroy()
      await Promise.all(closed)
      await new Promise((resolve) => setTimeout(resolve, 300))
    },
  }
}
