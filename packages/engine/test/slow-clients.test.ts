import { HttpResponse, respond } from '@tsws/http'
import { runCommand } from '@tsws/testing'
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { start } from './start.ts'

const INSTALLED = spawnSync('slowhttptest', ['-h']).error === undefined

/** Connections of the attack, and seconds it lasts. */
const CONNECTIONS = '600'
const SECONDS = '8'

// slowhttptest asks for the page itself every second and tells whether it came within three.
test.skipIf(!INSTALLED).each([
  ['slow headers (slowloris)', ['-H', '-i', '1', '-t', 'GET']],
  ['slow bodies (R.U.D.Y.)', ['-B', '-i', '1', '-s', '100000', '-t', 'POST']],
  ['slow readers', ['-X', '-w', '10', '-y', '20', '-n', '1', '-z', '32', '-k', '3']],
])('the server stays available under %s', { timeout: 60_000 }, async (_name, mode) => {
  await using started = await start(async (request) =>
    request.method === 'POST' ? new HttpResponse(await request.bytes()) : respond.text('x'.repeat(50_000)),
  )
  let attacked = 0
  const looking = setInterval(() => {
    attacked = Math.max(attacked, started.server.connections.length)
  }, 100)
  const url = `http://127.0.0.1:${started.port}/`
  const { stdout, stderr } = await runCommand([
    'slowhttptest',
    ...mode,
    ...['-c', CONNECTIONS, '-r', '300', '-l', SECONDS, '-p', '3', '-u', url],
  ])
  clearInterval(looking)
  const said = (stdout + stderr).replaceAll(/\x1b\[[\d;]*[A-Za-z]/g, '')
  expect(said).toMatch(/service available:\s+YES/)
  expect(said).not.toMatch(/service available:\s+NO/)
  expect(attacked).toBeGreaterThan(300) // it was an attack
})
