// Runs the JavaScript blocks of one document, one after another, as parts of one program.
//
// Each line of input is a block with the variables of the environment; each line of output says
// what it printed, and its error.
import { createInterface } from "node:readline";
import repl from "node:repl";
import { PassThrough } from "node:stream";

const LONGEST_MS = 60_000;
const NAMED_IMPORT = /^import \{([^}]+)\} from ("[^"]+");$/gm;

const tell = process.stdout.write.bind(process.stdout);
let printed = "";
process.stdout.write = (text) => {
  printed += text;
  return true;
};

const prompt = repl.start({
  input: new PassThrough(),
  output: new PassThrough(),
  terminal: false,
  useGlobal: true,
});

// What a prompt cannot take, it has in another form.
const forPrompt = (code) =>
  code.replace(
    NAMED_IMPORT,
    (_, names, from) => `const {${names.replaceAll(" as ", ": ")}} = await import(${from});`,
  );

const run = (code) =>
  new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("the block does not end")), LONGEST_MS).unref();
    prompt.eval(forPrompt(code), prompt.context, "block", (error) =>
      error ? reject(error) : resolve(),
    );
  });

for await (const line of createInterface({ input: process.stdin })) {
  const { code, environment } = JSON.parse(line);
  Object.assign(process.env, environment);
  printed = "";
  let error = null;
  try {
    await run(code);
  } catch (reason) {
    error = String(reason?.stack ?? reason);
  }
  tell(`${JSON.stringify({ printed, error })}\n`);
}
process.exit();
