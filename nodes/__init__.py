"""One step of a machine a file: async verbs from state to a partial update; routers are pure."""
