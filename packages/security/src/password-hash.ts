import * as crypto from 'node:crypto'
import { promisify } from 'node:util'

/** A password as it may be kept: nobody can read it back. */
export interface PasswordHash {
  /** How much work a check is: the memory in bytes. */
  readonly memory: number
  matches(password: string): Promise<boolean>
}

const scrypt = promisify<string, Uint8Array, number, crypto.ScryptOptions, Buffer>(crypto.scrypt)

/** OWASP's least for scrypt with 16 MiB: N = 2^14, r = 8, p = 5; about 0.25 s of one core. */
const COST = { ln: 14, r: 8, p: 5 }
const SALT_BYTES = 16
const HASH_BYTES = 32

/** Bytes that one check may take: beyond that, a slip in the hash would be an attack on the server. */
const MAX_MEMORY = 256 * 2 ** 20
/** Passes over the memory that one check may take. */
const MAX_PASSES = 32

/** A hash of that password for `basicAuth`, by scrypt: `$scrypt$ln=14,r=8,p=5$<salt>$<hash>`. */
export async function hashPassword(password: string): Promise<string> {
  const { ln, r, p } = COST
  const salt = crypto.randomBytes(SALT_BYTES)
  const hash = await scrypt(normal(password), salt, HASH_BYTES, { N: 2 ** ln, r, p })
  return `$scrypt$ln=${ln},r=${r},p=${p}$${base64(salt)}$${base64(hash)}`
}

/** Passwords that look the same are the same (RFC 8265 §4.2.2). */
export function normal(password: string): string {
  return password.normalize('NFC')
}

/**
 * Reads a hash in PHC's format: `$scrypt$ln=…,r=…,p=…$salt$hash`, or `$argon2id$v=19$m=…,t=…,p=…$salt$hash` where
 * this Node knows Argon2 (24.7).
 * @throws {TypeError} for anything else, or more work than a server can bear
 */
export function readPasswordHash(text: string): PasswordHash {
  const parts = FORMAT.exec(text)
  if (parts === null) throw new TypeError('it is no hash of the form $scrypt$… or $argon2id$…')
  const [, algorithm = '', version, params = '', saltText = '', hashText = ''] = parts
  const salt = Buffer.from(saltText, 'base64')
  const hash = Buffer.from(hashText, 'base64')
  if (salt.length < 8 || hash.length < 16) throw new TypeError('its salt or its hash is too short')
  const numbers = new Map(params.split(',').map((pair) => pair.split('=') as [string, string]))
  const number = (name: string): number => {
    const value = Number(numbers.get(name))
    if (!Number.isSafeInteger(value) || value < 1) throw new TypeError(`it lacks ${name}`)
    return value
  }
  if (algorithm === 'scrypt') return scryptHash(number('ln'), number('r'), number('p'), salt, hash)
  if (version !== '19') throw new TypeError('it is of another version of Argon2 than 19')
  return argon2Hash(number('m'), number('t'), number('p'), salt, hash)
}

const FORMAT = /^\$(scrypt|argon2id)(?:\$v=(\d+))?\$([a-z]+=\d+(?:,[a-z]+=\d+)*)\$([\w+/]+)\$([\w+/]+)$/

function scryptHash(ln: number, r: number, p: number, salt: Buffer, hash: Buffer): PasswordHash {
  const memory = 128 * 2 ** ln * r
  assertBearable(memory, p)
  // What scrypt needs is somewhat more than its blocks.
  const options = { N: 2 ** ln, r, p, maxmem: memory * 2 }
  return {
    memory,
    matches: async (password) =>
      crypto.timingSafeEqual(await scrypt(normal(password), salt, hash.length, options), hash),
  }
}

function argon2Hash(
  kibibytes: number,
  passes: number,
  lanes: number,
  salt: Buffer,
  hash: Buffer,
): PasswordHash {
  if (typeof crypto.argon2 !== 'function') throw new TypeError('Argon2 needs Node 24.7 or later')
  assertBearable(kibibytes * 1024, passes)
  const argon2 = promisify(crypto.argon2)
  return {
    memory: kibibytes * 1024,
    async matches(password) {
      const message = normal(password)
      const settings = { message, nonce: salt, parallelism: lanes, memory: kibibytes, passes }
      return crypto.timingSafeEqual(await argon2('argon2id', { ...settings, tagLength: hash.length }), hash)
    },
  }
}

function assertBearable(memory: number, passes: number): void {
  if (memory <= MAX_MEMORY && passes <= MAX_PASSES) return
  throw new TypeError(`it takes more than ${MAX_MEMORY / 2 ** 20} MiB or ${MAX_PASSES} passes`)
}

/** Without padding, as PHC has it. */
function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
