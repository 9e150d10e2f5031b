import type { CodegenConfig } from "@graphql-codegen/cli";

// The schema of a running server works too: `SCHEMA=http://127.0.0.1:8000/graphql npm run codegen`.
const config: CodegenConfig = {
  schema: process.env.SCHEMA ?? "../../schema.graphql",
  documents: "src/**/*.{ts,tsx}",
  ignoreNoDocuments: true,
  generates: {
    "src/graphql/": {
      preset: "client",
      presetConfig: { fragmentMasking: { unmaskFunctionName: "readFragment" } },
      config: {
        enumsAsTypes: true,
        useTypeImports: true,
        strictScalars: true,
        scalars: { CountryCode: "string", CurrencyCode: "string", Date: "string", DateTime: "string", Decimal: "string", Upload: "File" },
      },
    },
  },
};

export default config;
