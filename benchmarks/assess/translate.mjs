// Translates monitoring.cql to ELM, the form that CQL engines run: node translate.mjs [library.cql] [elm.json]
//
// The translator of @cqframework/cql is the reference translator compiled to JavaScript. It brings neither the System
// nor the FHIR data model along: System is registered from its own package, FHIR 4.0.1 from cql-exec-fhir, whose
// engine reads the bundles by the same file.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import {
  CqlCompilerOptions, CqlTranslator, LibraryManager, ModelManager, createModelInfoProvider, createUcumService,
  stringAsSource,
} from '@cqframework/cql/cql-to-elm';
import { SystemModelInfoProvider } from '@cqframework/cql/cql';

const here = path.dirname(fileURLToPath(import.meta.url));
const [source = path.join(here, 'monitoring.cql'), target = path.join(here, 'dist', 'monitoring.json')] =
  process.argv.slice(2);

function fhirModelInfo() {
  const engine = createRequire(import.meta.url).resolve('cql-exec-fhir');
  return fs.readFileSync(path.join(path.dirname(engine), 'modelInfos', 'fhir-modelinfo-4.0.1.xml'), 'utf8');
}

// Only days, weeks and months stand in the library: nothing to convert, nothing to refuse.
function units() {
  const never = () => {
    throw new Error('no unit is converted in translation');
  };
  return createUcumService(never, () => null, never, never);
}

function translator(cql) {
  const models = new ModelManager();
  models.modelInfoLoader.registerModelInfoProvider(new SystemModelInfoProvider());
  models.modelInfoLoader.registerModelInfoProvider(
    createModelInfoProvider((name, _system, version) =>
      name === 'FHIR' && version === '4.0.1' ? stringAsSource(fhirModelInfo()) : null),
  );
  // The translator's usual options without annotations and locators: the leanest ELM, which the engine runs fastest.
  const options = new CqlCompilerOptions();
  const { DisableListDemotion, DisableListPromotion } = CqlCompilerOptions.Options;
  options.setOptions([DisableListDemotion, DisableListPromotion]);
  return CqlTranslator.fromText(cql, new LibraryManager(models, options, undefined, units()));
}

const found = translator(fs.readFileSync(source, 'utf8'));
const errors = [...found.errors.asJsReadonlyArrayView()];
if (errors.length) {
  for (const error of errors) console.error(`${source}: ${error.locator}: ${error.message}`);
  process.exit(1);
}
fs.mkdirSync(path.dirname(target), { recursive: true });
fs.writeFileSync(target, found.toJson());
