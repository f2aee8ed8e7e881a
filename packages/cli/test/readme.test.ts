import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseArguments } from '../src/arguments.ts'
import { startTsws, WORKSPACE } from './tsws.ts'

const example = join(import.meta.dirname, 'readme-hello.ts')

describe.each([
  ['of the command', join(WORKSPACE, 'packages/cli/README.md')],
  ['of the workspace', join(WORKSPACE, 'README.md')],
])('the README %s', (_, path) => {
  test('shows the module that runs here', async () => {
    expect(await readFile(path, 'utf8')).toContain(await readFile(example, 'utf8'))
  })

  test('names every option of the help', async () => {
    const readme = await readFile(path, 'utf8')
    const help = parseArguments(['--help'])
    const options = help.kind === 'help' ? help.text.match(/--[a-z-]+(?= )/g) : null
    expect(new Set(options).size).toBe(32)
    for (const option of options ?? []) expect(readme).toContain(option)
  })
})

test('the module of the README answers /hello', async () => {
  await using server = await startTsws([import.meta.dirname, '--use', example])
  expect(await (await fetch(`${server.ready.url}hello`)).text()).toBe('Hello, World!')
})
