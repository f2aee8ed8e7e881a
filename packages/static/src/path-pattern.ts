/** A path pattern of a rule, `*` standing for any run of characters, as an expression that tests whole paths. */
export function compilePattern(path: string): RegExp {
  const source = path
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join('.*')
  return new RegExp(`^${source}$`)
}
