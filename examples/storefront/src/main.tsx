import { ApolloProvider } from "@apollo/client/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createBrowserRouter, RouterProvider } from "react-router";
import { client } from "./api/client";
import { routes } from "./routes";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/forms.css";
import "./styles/catalog.css";
import "./styles/account.css";
import "./styles/admin.css";
import "./styles/cart.css";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

createRoot(root).render(
  <StrictMode>
    <ApolloProvider client={client}>
      <RouterProvider router={createBrowserRouter(routes)} />
    </ApolloProvider>
  </StrictMode>,
);
