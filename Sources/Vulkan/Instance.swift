import CVulkan

/// The process's connection to the Vulkan loader.
public final class Instance {
    let global: PumiceGlobalFunctions
    let api: PumiceInstanceFunctions
    let handle: VkInstance
    let hasDebugLabels: Bool
    private let messenger: VkDebugUtilsMessengerEXT?
    private let errorCounter: UnsafeMutablePointer<UInt64>

    /// Errors the validation layer has reported so far; always zero without the layer.
    public var validationErrorCount: Int { Int(errorCounter.pointee) }

    /// Whether the Khronos validation layer watches every call.
    public let isValidating: Bool

    /// Opens the loader.
    /// - Parameter validation: turns on the Khronos validation layer.
    /// - Throws: `VulkanError.noLoader` where there is none; `missingFeature` if the layer was
    ///   asked for and is not installed.
    public init(validation: Bool = false) throws(VulkanError) {
        guard let probe = Self.loadGlobal() else {
            throw .noLoader("libvulkan.so.1 cannot be opened")
        }
        global = probe
        let layers = Self.layerNames(probe)
        let layer = "VK_LAYER_KHRONOS_validation"
        if validation && !layers.contains(layer) {
            throw .missingFeature(device: "The Vulkan loader", feature: layer)
        }
        hasDebugLabels = Self.extensionNames(probe).contains("VK_EXT_debug_utils")
        isValidating = validation

        let created = try Self.create(
            probe,
            layers: validation ? [layer] : [],
            extensions: hasDebugLabels ? ["VK_EXT_debug_utils"] : []
        )
        var functions = unsafeZeroed(PumiceInstanceFunctions.self)
        var globalCopy = probe
        if let missing = pumice_load_instance(&functions, &globalCopy, created) {
            throw .noLoader("it lacks \(String(cString: missing))")
        }
        handle = created
        api = functions
        errorCounter = .allocate(capacity: 1)
        errorCounter.initialize(to: 0)
        messenger = validation ? Self.attachMessenger(functions, created, errorCounter) : nil
    }

    deinit {
        if let messenger { api.DestroyDebugUtilsMessengerEXT?(handle, messenger, nil) }
        api.DestroyInstance(handle, nil)
        errorCounter.deallocate()
    }

    /// Every device the loader knows, in its order.
    public func physicalDevices() throws(VulkanError) -> [PhysicalDevice] {
        var count: UInt32 = 0
        try check(
            api.EnumeratePhysicalDevices(handle, &count, nil),
            "vkEnumeratePhysicalDevices"
        )
        var handles = [VkPhysicalDevice?](repeating: nil, count: Int(count))
        try check(
            api.EnumeratePhysicalDevices(handle, &count, &handles),
            "vkEnumeratePhysicalDevices"
        )
        return handles.compactMap { $0 }.map { PhysicalDevice(instance: self, handle: $0) }
    }

    private static func loadGlobal() -> PumiceGlobalFunctions? {
        var functions = unsafeZeroed(PumiceGlobalFunctions.self)
        return pumice_load_global(&functions) == nil ? functions : nil
    }

    private static func layerNames(_ global: PumiceGlobalFunctions) -> [String] {
        var count: UInt32 = 0
        _ = global.EnumerateInstanceLayerProperties(&count, nil)
        var layers = [VkLayerProperties](repeating: VkLayerProperties(), count: Int(count))
        _ = global.EnumerateInstanceLayerProperties(&count, &layers)
        return layers.map { string(fromTuple: $0.layerName) }
    }

    private static func extensionNames(_ global: PumiceGlobalFunctions) -> [String] {
        var count: UInt32 = 0
        _ = global.EnumerateInstanceExtensionProperties(nil, &count, nil)
        var extensions = [VkExtensionProperties](
            repeating: VkExtensionProperties(),
            count: Int(count)
        )
        _ = global.EnumerateInstanceExtensionProperties(nil, &count, &extensions)
        return extensions.map { string(fromTuple: $0.extensionName) }
    }

    private static func create(
        _ global: PumiceGlobalFunctions,
        layers: [String],
        extensions: [String]
    ) throws(VulkanError) -> VkInstance {
        let strings = CStrings(layers + extensions + ["pumice"])
        defer { strings.free() }
        var application = VkApplicationInfo()
        application.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO
        application.pApplicationName = strings.pointers[layers.count + extensions.count]
        // The newest we know how to use; devices of Vulkan 1.2 are taken all the same.
        application.apiVersion = pumice_api_version_1_3
        var instance: VkInstance?
        let result = withUnsafePointer(to: application) { application in
            strings.pointers.withUnsafeBufferPointer { names in
                var info = VkInstanceCreateInfo()
                info.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO
                info.pApplicationInfo = application
                info.enabledLayerCount = UInt32(layers.count)
                info.ppEnabledLayerNames = names.baseAddress
                info.enabledExtensionCount = UInt32(extensions.count)
                info.ppEnabledExtensionNames = names.baseAddress.map { $0 + layers.count }
                return global.CreateInstance(&info, nil, &instance)
            }
        }
        // A loader without any driver answers that it is incompatible: no device, in our words.
        if result == VK_ERROR_INCOMPATIBLE_DRIVER { throw .noDevice }
        try check(result, "vkCreateInstance")
        guard let instance else { throw .noLoader("it made no instance") }
        return instance
    }

    private static func attachMessenger(
        _ api: PumiceInstanceFunctions,
        _ instance: VkInstance,
        _ counter: UnsafeMutablePointer<UInt64>
    ) -> VkDebugUtilsMessengerEXT? {
        var info = VkDebugUtilsMessengerCreateInfoEXT()
        info.sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT
        info.messageSeverity =
            VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT.rawValue
            | VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT.rawValue
        info.messageType =
            VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT.rawValue
            | VK_DEBUG_UTILS_MESSAGE_TYPE_PERFORMANCE_BIT_EXT.rawValue
        info.pfnUserCallback = { pumice_debug_callback($0, $1, $2, $3) }
        info.pUserData = UnsafeMutableRawPointer(counter)
        var messenger: VkDebugUtilsMessengerEXT?
        _ = api.CreateDebugUtilsMessengerEXT?(instance, &info, nil, &messenger)
        return messenger
    }
}
