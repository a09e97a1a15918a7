/**
 * The modules of the Heroku CLI that runs this plugin.
 *
 * The running CLI brings copies of its own libraries; using them saves 90 MB of dependencies and
 * most of the start-up time, and makes login, hosts and git remotes behave exactly as in every
 * other command. Where the running program is no Heroku CLI, the plugin's own are looked for.
 */
import {realpathSync} from 'node:fs'
import {createRequire} from 'node:module'
import {pathToFileURL} from 'node:url'

/** The running CLI's copy of a module, else the plugin's own; undefined where there is neither. */
export async function loadModule(name: string): Promise<unknown> {
  const running = process.argv[1]
  const places = running === undefined ? [] : [pathToFileURL(realpathSync(running)).href]
  for (const place of [...places, import.meta.url]) {
    const path = resolve(name, place)
    if (path !== undefined) return import(pathToFileURL(path).href)
  }

  return undefined
}

function resolve(name: string, from: string): string | undefined {
  try {
    return createRequire(from).resolve(name)
  } catch {
    return undefined
  }
}
