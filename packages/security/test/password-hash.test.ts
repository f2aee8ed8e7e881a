import { describe, expect, test } from 'vitest'
import { hashPassword } from '../src/index.ts'
import { readPasswordHash } from '../src/password-hash.ts'

test('a hash is salted, and lets in its own password and no other', async () => {
  const [one, other] = await Promise.all([hashPassword('grün ☂'), hashPassword('grün ☂')])
  expect(one).toMatch(/^\$scrypt\$ln=14,r=8,p=5\$[\w+/]{22}\$[\w+/]{43}$/)
  expect(one).not.toBe(other)
  const hash = readPasswordHash(one)
  expect(await hash.matches('grün ☂')).toBe(true)
  expect(await hash.matches('gru\u0308n ☂')).toBe(true) // the same, decomposed
  expect(await hash.matches('grün')).toBe(false)
  expect(await hash.matches('')).toBe(false)
})

test('scrypt is the same as that of other programs', async () => {
  const salt = Buffer.from('NaClNaCl').toString('base64')
  const text = `$scrypt$ln=4,r=1,p=1$${salt.replace(/=+$/, '')}$`
  // What another program makes of "password" with N = 16, r = 1, p = 1 (hashlib.scrypt of Python 3.11).
  const made = readPasswordHash(`${text}${VECTOR}`)
  expect(await made.matches('password')).toBe(true)
  expect(await made.matches('Password')).toBe(false)
})

test('Argon2id is that of the reference program', async () => {
  // echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 -l 24 -e, as its tests have it
  const text = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
  const hash = readPasswordHash(text)
  expect(await hash.matches('password')).toBe(true)
  expect(await hash.matches('passwort')).toBe(false)
})

describe('a hash is refused', () => {
  test.each([
    ['', /it is no hash of the form/],
    ['$2b$10$abcdefghijklmnopqrstuv', /it is no hash of the form/],
    ['$scrypt$ln=14,r=8$c29tc2FsdHNhbHQ$c29tc2FsdHNhbHRzb21lc2FsdHNhbHQ', /it lacks p/],
    ['$scrypt$ln=14,r=8,p=0$c29tc2FsdHNhbHQ$c29tc2FsdHNhbHRzb21lc2FsdHNhbHQ', /it lacks p/],
    ['$scrypt$ln=14,r=8,p=1$YQ$c29tc2FsdHNhbHRzb21lc2FsdHNhbHQ', /too short/],
    [
      '$scrypt$ln=40,r=8,p=1$c29tc2FsdHNhbHQ$c29tc2FsdHNhbHRzb21lc2FsdHNhbHQ',
      /more than 256 MiB or 32 passes/,
    ],
    ['$scrypt$ln=14,r=8,p=99$c29tc2FsdHNhbHQ$c29tc2FsdHNhbHRzb21lc2FsdHNhbHQ', /32 passes/],
    ['$argon2id$v=16$m=64,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8', /another version/],
  ])('%j', (text, message) => {
    expect(() => readPasswordHash(text)).toThrow(message)
  })
})

const VECTOR = 'aTpwBo4yniSU9Qja2x4fazVfZGHMKLjoCKmRXGZ6qsg'
