import { describe, expect, test } from 'vitest'
import { suggest } from '../src/usage-error.ts'

const known = ['port', 'host', 'use', 'log', 'tls-cert', 'tls-key', 'help', 'version']

describe('the nearest known name', () => {
  test.each([
    ['prot', 'port'],
    ['pport', 'port'],
    ['por', 'port'],
    ['hosts', 'host'],
    ['tls-certificate', null],
    ['tls-crt', 'tls-cert'],
    ['logs', 'log'],
    ['xyz', null],
    ['open', null],
  ])('to %s is %s', (typed, meant) => {
    expect(suggest(typed, known)).toBe(meant)
  })
})
