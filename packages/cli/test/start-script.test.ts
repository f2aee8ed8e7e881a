import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCommand, startCommand, tempSite } from '@tsws/testing'
import type { Command, TempSite } from '@tsws/testing'
import { WORKSPACE } from './tsws.ts'
import type { Ready } from './tsws.ts'

// `pnpm start` and `pnpm --filter cli start` run this script with these two variables: where the
// person stands, and whose script it is.
const SCRIPT = join(WORKSPACE, 'scripts/start.mjs')

let site: TempSite

beforeAll(async () => {
  site = await tempSite({
    'dist/index.html': '<p>home',
    'mark.mjs': 'export default (request, next) => next(request)',
  })
})

afterAll(() => site.remove())

function start(from: 'tsws' | '@tsws/cli', ...args: string[]): Command {
  const env = { INIT_CWD: site.root, npm_package_name: from }
  return startCommand([process.execPath, SCRIPT, ...args], { cwd: join(WORKSPACE, 'packages/cli'), env })
}

async function readyOf(command: Command): Promise<Ready> {
  return JSON.parse(await command.line(/"event":"ready"/)) as Ready
}

describe('the start script', () => {
  test.each([
    ['', ['./dist', '--port', '0', '--use', 'mark.mjs']],
    [' with a -- in front', ['--', './dist', '--port', '0', '--use', 'mark.mjs']],
  ])('reads paths from where the person stands%s', async (_, args) => {
    await using command = start('@tsws/cli', ...args)
    const ready = await readyOf(command)
    expect(ready.root).toBe(site.path('dist'))
    expect(await (await fetch(ready.url)).text()).toBe('<p>home')
  })

  test('keeps standard output for the program: the ready line is the first', async () => {
    await using command = start('@tsws/cli', './dist', '--port', '0')
    await readyOf(command)
    expect(command.stdout).toMatch(/^\{"event":"ready"/)
  })

  test('is the server itself: a signal to it ends the server with grace', async () => {
    await using command = start('@tsws/cli', './dist', '--port', '0')
    const ready = await readyOf(command)
    expect(ready.pid).toBe(command.process.pid)
    command.signal('SIGTERM')
    expect((await command.end).code).toBe(0)
  })

  test('shows the welcome site at the top of the workspace, and the folder one stands in elsewhere', async () => {
    await using top = start('tsws', '--port', '0')
    await using cli = start('@tsws/cli', '--port', '0')
    const welcome = await (await fetch((await readyOf(top)).url)).text()
    expect(welcome).toContain('<title>tsws is serving</title>')
    expect((await readyOf(cli)).root).toBe(site.root)
  })

  test('passes on the exit code of a slip', async () => {
    const { code, stderr } = await runCommand([process.execPath, SCRIPT, '--prot'], {
      env: { INIT_CWD: site.root },
    })
    expect([code, stderr]).toEqual([2, expect.stringContaining('Did you mean --port?')])
  })
})
