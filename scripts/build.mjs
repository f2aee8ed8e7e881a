// Builds packages with turbo, which knows what is built already. Quiet: what turbo has to say goes
// to standard error, and only when a build takes long or fails; standard output is the caller's.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'

/** The top of the workspace. */
export const WORKSPACE = join(import.meta.dirname, '..')

/** Milliseconds after which a person should be told what they are waiting for. */
const PATIENCE = 1_000

/**
 * @param {readonly string[]} filters packages to build, with all they depend on; none: every package
 * @returns {Promise<void>} rejects when the build fails, after showing its output
 */
export async function build(...filters) {
  const bin = join(WORKSPACE, 'node_modules', '.bin')
  const child = spawn(
    process.execPath,
    [
      programOf('turbo'),
      'run',
      'build',
      '--output-logs=errors-only',
      ...filters.map((filter) => `--filter=${filter}`),
    ],
    {
      cwd: WORKSPACE,
      env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}`, TURBO_TELEMETRY_DISABLED: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (output += text))
  }
  const notice = setTimeout(
    () => process.stderr.write('tsws: building, the first time takes a while …\n'),
    PATIENCE,
  )
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  clearTimeout(notice)
  if (code === 0) return
  process.stderr.write(output)
  throw new Error('the build failed')
}

const require = createRequire(import.meta.url)

/**
 * The script, for Node to run, of a program that is installed here. What lies in `.bin` Windows starts through a shell only.
 * @param {string} name of the program and its package
 */
export function programOf(name) {
  const path = require.resolve(`${name}/package.json`)
  const { bin } = require(path)
  return join(dirname(path), typeof bin === 'string' ? bin : bin[name])
}
