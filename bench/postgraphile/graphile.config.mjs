import { makePgService } from "postgraphile/adaptors/pg";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

// Missing in Node.js 20, which otherwise suffices.
Promise.withResolvers ??= function () {
  let resolve, reject;
  const promise = new this((one, other) => {
    resolve = one;
    reject = other;
  });
  return { promise, resolve, reject };
};

export default {
  extends: [PostGraphileAmberPreset],
  pgServices: [
    makePgService({
      connectionString: process.env.DATABASE_URL,
      schemas: ["public"],
      pubsub: false,
      // As many connections as Wares has.
      poolConfig: { max: 16 },
    }),
  ],
  grafserv: { host: "127.0.0.1", port: Number(process.env.PORT), graphiql: false, watch: false },
  grafast: { explain: false },
};
