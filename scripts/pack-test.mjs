// What users install is the tarball, not this tree: packs every published package, installs the
// tarballs into an empty folder with npm, imports each, and runs `npx tsws` there.
//   node scripts/pack-test.mjs      (after a build)
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tls from 'node:tls'
import { runCommand, startCommand } from '../packages/testing/src/index.ts'
import { WORKSPACE } from './build.mjs'
import { totalLine } from './conformance.mjs'

const counts = { passed: 0, failed: 0, skipped: 0 }
const folder = await mkdtemp(join(tmpdir(), 'tsws-pack-'))
try {
  const published = await publishedPackages()
  const tarballs = join(folder, 'tarballs')
  await mkdir(tarballs)
  for (const { name, path } of published) await pack(name, path, tarballs)
  const home = join(folder, 'home')
  await install(home, tarballs)
  for (const { name } of published) await check(`import ${name}`, () => importPackage(home, name))
  await check('npx tsws --version', () => showVersion(home))
  await check('npx tsws serves a folder', () => serveFolder(home))
  await check('npx tsws --tls serves it over HTTPS', () => serveOverTls(home))
} finally {
  await rm(folder, { recursive: true, force: true })
}
console.log(totalLine(counts))
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0

async function publishedPackages() {
  const found = []
  for (const group of ['packages', 'apps']) {
    for (const entry of (await readdir(join(WORKSPACE, group))).toSorted()) {
      const path = join(WORKSPACE, group, entry)
      const manifest = JSON.parse(
        await readFile(join(path, 'package.json'), 'utf8').catch(() => '{"private":true}'),
      )
      if (!manifest.private) found.push({ name: manifest.name, path })
    }
  }
  assert.ok(found.length >= 11, `only ${found.length} published packages were found`)
  return found
}

async function pack(name, path, tarballs) {
  await run(['pnpm', 'pack', '--pack-destination', tarballs], path)
  const file = `${name.replace('@', '').replace('/', '-')}-`
  const tarball = (await readdir(tarballs)).find((entry) => entry.startsWith(file))
  await check(`${name} packs what it exports, and no tests`, async () => {
    assert.ok(tarball, `no tarball ${file}*.tgz`)
    const { stdout } = await run(['tar', '-tzf', join(tarballs, tarball)], tarballs)
    const files = stdout.trim().split('\n')
    for (const needed of [
      'package/package.json',
      'package/LICENSE',
      'package/README.md',
      'package/dist/index.js',
      'package/dist/index.d.ts',
    ]) {
      assert.ok(files.includes(needed), `${needed} is missing`)
    }
    const extra = files.filter((entry) => /^package\/(test|src|bench)\//.test(entry))
    assert.deepEqual(extra, [])
  })
}

async function install(home, tarballs) {
  await mkdir(home)
  await writeFile(join(home, 'package.json'), '{"name":"home","private":true,"type":"module"}\n')
  const files = (await readdir(tarballs)).map((entry) => join(tarballs, entry))
  await run(['npm', 'install', '--no-audit', '--no-fund', '--loglevel=error', ...files], home)
}

async function importPackage(home, name) {
  const script = `import(${JSON.stringify(name)}).then((all) => console.log(Object.keys(all).length))`
  const { stdout } = await run([process.execPath, '-e', script], home)
  assert.ok(Number(stdout) > 0, `${name} exports nothing`)
}

async function showVersion(home) {
  const { stdout } = await run(['npx', '--no-install', 'tsws', '--version'], home)
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/)
}

async function serveFolder(home) {
  const site = join(home, 'site')
  await mkdir(site)
  await writeFile(join(site, 'index.html'), '<p>packed')
  await using command = startCommand(['npx', '--no-install', 'tsws', 'site', '--port', '0'], { cwd: home })
  const { url, pid } = JSON.parse(await command.line(/"event":"ready"/))
  const response = await fetch(url)
  assert.equal(response.status, 200)
  assert.equal(await response.text(), '<p>packed')
  process.kill(pid, 'SIGTERM')
  assert.equal((await command.end).code, 0)
}

async function serveOverTls(home) {
  const env = { XDG_DATA_HOME: join(home, 'data'), LOCALAPPDATA: join(home, 'data') }
  const args = ['npx', '--no-install', 'tsws', 'site', '--port', '0', '--tls']
  await using command = startCommand(args, { cwd: home, env })
  const { port, pid, authority } = JSON.parse(await command.line(/"event":"ready"/))
  const client = tls.connect({
    port,
    host: '127.0.0.1',
    servername: 'localhost',
    ca: await readFile(authority),
  })
  await once(client, 'secureConnect')
  client.destroy()
  process.kill(pid, 'SIGTERM')
  assert.equal((await command.end).code, 0)
}

async function check(name, test) {
  try {
    await test()
    counts.passed++
    console.log(`pass  ${name}`)
  } catch (error) {
    counts.failed++
    console.log(`FAIL  ${name}\n${error.stack}`)
  }
}

async function run(command, cwd) {
  const end = await runCommand(command, { cwd })
  if (end.code !== 0)
    throw new Error(`${command.join(' ')} ended with ${end.code}\n${end.stdout}${end.stderr}`)
  return end
}
