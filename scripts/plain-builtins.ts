import { parse } from 'acorn'
import type { AnyNode, ImportDeclaration, Program } from 'acorn'
import type { Options } from 'tsup'

type Plugin = NonNullable<Options['plugins']>[number]

/**
 * An ES module that imports one function of `node:fs` makes Node load all that `node:fs` can ever lead to, promises,
 * streams and readline included: every getter of the module is looked at, so that it can be an export. That is much
 * of what a small program's start takes. `process.getBuiltinModule` (Node 22.3) gives the module itself.
 */
export const plainBuiltins: Plugin = {
  name: 'plain-builtins',
  renderChunk: (code) => ({ code: takeBuiltins(code) }),
}

/** Modules that take a millisecond or more to load and that a server's first answer does without. */
const LATER: ReadonlySet<string> = new Set([
  'node:fs/promises',
  'node:timers/promises',
  'node:v8',
  'node:worker_threads',
  'node:zlib',
])

/** Something of a module of Node, under the name that it has in this chunk. */
interface Taken {
  readonly module: string
  readonly local: string
  /** Null for the module itself: its namespace, and its default export, which is the same. */
  readonly name: string | null
}

/**
 * Every import of a module of Node as constants taken from it, before all else, as imports are. Of the modules that may
 * be loaded later, what is taken is asked for where it is used; but for names that are declared once more in the
 * chunk, or exported: what they mean there is not for us to tell.
 */
export function takeBuiltins(code: string): string {
  const program = parse(code, { ecmaVersion: 'latest', sourceType: 'module', allowHashBang: true })
  const imports = program.body.filter(isOfNode)
  if (imports.length === 0) return code
  const taken = imports.flatMap(takenBy)
  const elsewhere = namesElsewhere(program)
  const later = taken.filter(({ module, local }) => LATER.has(module) && !elsewhere.has(local))
  const now = taken.filter((one) => !later.includes(one))

  const changes: Change[] = imports.map(({ start, end }) => ({ start, end, text: '' }))
  changes.push(...referencesTo(new Map(later.map((one) => [one.local, one])), program))
  const first = program.body[0]?.start ?? 0
  const head =
    [...new Set(later.map(({ module }) => module))].map(loader).join('') + now.map(constant).join('')
  return `${code.slice(0, first)}${head}${changed(code, first, changes)}`
}

interface Change {
  readonly start: number
  readonly end: number
  readonly text: string
}

function changed(code: string, from: number, changes: Change[]): string {
  let text = ''
  let done = from
  for (const change of changes.toSorted((a, b) => a.start - b.start)) {
    text += code.slice(done, change.start) + change.text
    done = change.end
  }
  return text + code.slice(done)
}

function isOfNode(node: AnyNode): node is ImportDeclaration {
  return node.type === 'ImportDeclaration' && String(node.source.value).startsWith('node:')
}

function takenBy({ specifiers, source }: ImportDeclaration): Taken[] {
  return specifiers.map((one) => {
    const name = one.type === 'ImportSpecifier' ? (one.imported as { name: string }).name : null
    return { module: String(source.value), local: one.local.name, name }
  })
}

function constant({ module, local, name }: Taken): string {
  const from = `process.getBuiltinModule(${JSON.stringify(module)})`
  return `const ${local} = ${from}${name === null ? '' : `.${name}`};\n`
}

function loader(module: string): string {
  const name = loaderOf(module)
  return `let ${name}$;\nconst ${name} = () => (${name}$ ??= process.getBuiltinModule(${JSON.stringify(module)}));\n`
}

function loaderOf(module: string): string {
  return `$${module.replace('node:', '').replace('/', '_')}`
}

function referencesTo(later: ReadonlyMap<string, Taken>, program: Program): Change[] {
  const changes: Change[] = []
  visit(program, null, (node, parent) => {
    if (node.type !== 'Identifier' || isKey(node, parent)) return
    const one = later.get(node.name)
    if (one === undefined || parent?.type.startsWith('Import')) return
    const text = `(${loaderOf(one.module)}()${one.name === null ? '' : `.${one.name}`})`
    const isShorthand = parent?.type === 'Property' && parent.shorthand
    changes.push({ start: node.start, end: node.end, text: isShorthand ? `${node.name}: ${text}` : text })
  })
  return changes
}

/** Names that are declared in whatever scope other than by an import, and those that are exported. */
function namesElsewhere(program: Program): Set<string> {
  const names = new Set<string>()
  visit(program, null, (node) => {
    if (node.type === 'VariableDeclarator') targetsOf(node.id, names)
    else if ('params' in node) for (const parameter of node.params) targetsOf(parameter, names)
    if ('id' in node && node.id?.type === 'Identifier') names.add(node.id.name)
    if (node.type === 'CatchClause' && node.param) targetsOf(node.param, names)
    if (node.type === 'ExportSpecifier' && node.local.type === 'Identifier') names.add(node.local.name)
  })
  return names
}

/** Names that a pattern declares. What it takes its defaults from is none of them. */
function targetsOf(target: AnyNode, names: Set<string>): void {
  visit(target, null, (node, parent) => {
    const isDefault = parent?.type === 'AssignmentPattern' && parent.right === node
    if (node.type === 'Identifier' && !isDefault) names.add(node.name)
  })
}

/** The name of a member or a label, which refers to nothing. */
function isKey(node: AnyNode, parent: AnyNode | null): boolean {
  if (parent === null) return false
  if (parent.type === 'MemberExpression') return parent.property === node && !parent.computed
  if (parent.type === 'Property') return parent.key === node && !parent.computed
  if (parent.type === 'MethodDefinition' || parent.type === 'PropertyDefinition')
    return parent.key === node && !parent.computed
  return parent.type === 'LabeledStatement' || 'label' in parent
}

function visit(
  node: AnyNode,
  parent: AnyNode | null,
  look: (node: AnyNode, parent: AnyNode | null) => void,
): void {
  look(node, parent)
  for (const child of Object.values(node).flat())
    if (typeof child?.type === 'string') visit(child as AnyNode, node, look)
}
