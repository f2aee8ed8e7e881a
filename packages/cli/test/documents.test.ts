import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { WORKSPACE } from './tsws.ts'

test.each(['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md'])(
  '%s names only files that are there',
  async (name) => {
    const text = await readFile(join(WORKSPACE, name), 'utf8')
    const inCode = [...text.matchAll(/`((?:packages|apps|examples|scripts|test)\/[\w./-]+)`/g)]
    const linked = [...text.matchAll(/\]\((?!https?:)([\w./-]+)\)/g)]
    const paths = [...inCode, ...linked].map(([, path]) => path as string)
    expect(paths.length).toBeGreaterThan(0)
    expect(paths.filter((path) => !existsSync(join(WORKSPACE, path)))).toEqual([])
  },
)
