public import ArgumentParser
public import Benchmarking
public import Inference
public import Kernels

// Types whose raw values are their names on the command line.

extension LoadClient.Endpoint: ExpressibleByArgument {}
extension PromptSource.Kind: ExpressibleByArgument {}
extension KernelFamily: ExpressibleByArgument {}
extension Pooling: ExpressibleByArgument {}
