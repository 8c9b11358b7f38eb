"""Random JSON Schemas of the features that are enforced, small enough to be written out by a model
that has no idea: everything that could go on for ever has a bound."""

import random

WORDS = ["red", "two words", "é😀", "q\"q", "back\\", "line\n", ""]
NAMES = ["a", "name", "x y", "é", "kind", "q\""]
PATTERNS = ["^[a-z]{2,5}$", "^(red|green|\\d{3})$", "^[A-Z]\\d-[^\"\\\\]{1,3}$"]
FORMATS = ["date", "time", "ipv4", "uuid"]


class RandomSchema:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.definitions = {}

    def document(self):
        schema = self.schema(3)
        return schema | {"$defs": self.definitions} if self.definitions else schema

    def schema(self, depth):
        kinds = [self.string, self.integer, self.number, self.constant, self.kinds]
        if depth > 0:
            kinds += 2 * [self.array, self.object, self.choice, self.reference]
        return self.random.choice(kinds)(depth)

    def string(self, depth):
        return {"type": "string"} | self.random.choice([
            {"minLength": self.random.randint(0, 3), "maxLength": self.random.randint(3, 12)},
            {"pattern": self.random.choice(PATTERNS)}, {"format": self.random.choice(FORMATS)}])

    def integer(self, depth):
        least = self.random.randint(-1000, 1000)
        schema = {"type": "integer", "minimum": least,
                  "exclusiveMaximum": least + self.random.randint(20, 5000)}
        if self.random.random() < 0.3:
            schema["multipleOf"] = self.random.randint(2, 9)
        return schema

    def number(self, depth):
        schema = {"type": "number", "exclusiveMinimum": -12.5, "maximum": 99.75}
        return schema | ({"multipleOf": 0.25} if self.random.random() < 0.3 else {})

    def constant(self, depth):
        if self.random.random() < 0.3:
            return {"const": {"v": [1, None, self.random.choice(WORDS)]}}
        return {"enum": self.random.sample([*WORDS, 1, -2.5, True, None], 3)}

    def kinds(self, depth):
        return {"type": self.random.sample(["boolean", "null"], self.random.randint(1, 2))}

    def array(self, depth):
        if self.random.random() < 0.3:
            return {"type": "array", "prefixItems": [self.schema(depth - 1) for _ in range(2)],
                    "items": False, "minItems": self.random.randint(0, 2)}
        least = self.random.randint(0, 2)
        return {"type": "array", "items": self.schema(depth - 1), "minItems": least,
                "maxItems": least + self.random.randint(0, 2)}

    def object(self, depth):
        names = self.random.sample(NAMES, self.random.randint(1, 3))
        return {"type": "object", "properties": {name: self.schema(depth - 1) for name in names},
                "required": [name for name in names if self.random.random() < 0.7],
                "additionalProperties": False}

    def choice(self, depth):
        return {"anyOf": [self.schema(depth - 1) for _ in range(self.random.randint(1, 3))]}

    def reference(self, depth):
        """A definition that may refer to itself, where it need not."""
        name = f"d{len(self.definitions)}"
        self.definitions[name] = True  # its place
        link = {"$ref": f"#/$defs/{name}"}
        self.definitions[name] = {
            "type": "object",
            "properties": {"inner": self.schema(depth - 1),
                           "next": {"anyOf": [{"type": "null"}, link]}},
            "required": ["inner"], "additionalProperties": False}
        return link
