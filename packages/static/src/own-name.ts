/** Whether file systems, as they usually are on a platform, take `A.txt` for `a.TXT`. */
export function mergesNames(platform: string): boolean {
  return platform === 'win32' || platform === 'darwin'
}

/**
 * Whether a file was asked for by the name that it has, and not by another spelling that its file system lets pass: rules by
 * path, of this server and of whoever guards it, would not know it (CWE-178), and a link that works here would not work where
 * names are told apart. Unicode's two ways to write `é` are one name: which of them is on disk nobody chose.
 *
 * Where the two are different names, a link was followed, which is another question. Pure.
 *
 * @param asked path below the root, as `parseRequestPath` gives it
 * @param real path below the root of what was opened, links resolved, with `/` between names
 */
export function isOwnName(asked: string, real: string): boolean {
  if (asked === real) return true
  const one = asked.normalize('NFC')
  const other = real.normalize('NFC')
  return one === other || fold(one) !== fold(other)
}

/** Upper case first: `ſ`, `ς` and the Kelvin sign have a lower case of their own, and share an upper one. */
function fold(name: string): string {
  return name.toUpperCase().toLowerCase().normalize('NFC')
}
