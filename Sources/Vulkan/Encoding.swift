import CVulkan

extension Device {
    /// Writes a recording into a command buffer.
    ///
    /// It begins with a barrier against earlier submissions, which the queue starts in order but
    /// need not finish in order, and ends with one that shows its results to the host. Pipelines
    /// that are still compiled elsewhere are waited for.
    /// - Parameters:
    ///   - queries: written with the times of the recording's begin and end, which the device then
    ///     copies to `times`.
    ///   - profile: whether with those after every command in between, too.
    ///   - queue: where it will run.
    func encode(
        _ recording: Recording,
        into commandBuffer: VkCommandBuffer,
        queries: VkQueryPool?,
        times: Buffer?,
        profile: Bool,
        on queue: Queue
    ) throws(VulkanError) {
        let pipelines = try recording.compiledPipelines()
        var begin = VkCommandBufferBeginInfo()
        begin.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO
        begin.flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT.rawValue
        try check(api.BeginCommandBuffer(commandBuffer, &begin), "vkBeginCommandBuffer")
        if let queries {
            api.CmdResetQueryPool(
                commandBuffer,
                queries,
                0,
                UInt32(recording.timestampCount(profile: profile))
            )
        }
        barrier(commandBuffer, queue, toHost: false)
        writeTimestamp(commandBuffer, queries, 0)
        var bound: VkPipeline?
        recording.parameterBytes.withUnsafeBytes { parameters in
            for (index, command) in recording.commands.enumerated() {
                switch command {
                case .dispatch(let dispatch):
                    let pipeline = pipelines[index]
                    encode(dispatch, pipeline, parameters, into: commandBuffer, bound: &bound)
                case .copy(let source, let destination):
                    encodeCopy(source, destination, into: commandBuffer)
                case .fill(let slice, let word):
                    api.CmdFillBuffer(
                        commandBuffer,
                        slice.buffer.handle,
                        VkDeviceSize(slice.offset),
                        VkDeviceSize(slice.byteCount),
                        word
                    )
                case .barrier:
                    barrier(commandBuffer, queue, toHost: false)
                }
                if profile { writeTimestamp(commandBuffer, queries, index + 1) }
            }
        }
        if !profile { writeTimestamp(commandBuffer, queries, 1) }
        if let queries, let times {
            api.CmdCopyQueryPoolResults(
                commandBuffer,
                queries,
                0,
                UInt32(recording.timestampCount(profile: profile)),
                times.handle,
                0,
                8,
                VK_QUERY_RESULT_64_BIT.rawValue | VK_QUERY_RESULT_WAIT_BIT.rawValue
            )
        }
        barrier(commandBuffer, queue, toHost: true)
        try check(api.EndCommandBuffer(commandBuffer), "vkEndCommandBuffer")
    }

    private func encode(
        _ dispatch: Recording.Dispatch,
        _ pipeline: VkPipeline?,
        _ parameters: UnsafeRawBufferPointer,
        into commandBuffer: VkCommandBuffer,
        bound: inout VkPipeline?
    ) {
        let labels = instance.isValidating
        if labels { beginLabel(dispatch.pipeline.name, commandBuffer) }
        if bound != pipeline {
            api.CmdBindPipeline(commandBuffer, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline)
            bound = pipeline
        }
        if let base = parameters.baseAddress, !dispatch.parameters.isEmpty {
            api.CmdPushConstants(
                commandBuffer,
                pipelineLayout,
                VK_SHADER_STAGE_COMPUTE_BIT.rawValue,
                0,
                UInt32(dispatch.parameters.count),
                base + dispatch.parameters.lowerBound
            )
        }
        api.CmdDispatch(
            commandBuffer,
            UInt32(dispatch.groups.x),
            UInt32(dispatch.groups.y),
            UInt32(dispatch.groups.z)
        )
        if labels { api.CmdEndDebugUtilsLabelEXT?(commandBuffer) }
    }

    private func encodeCopy(
        _ source: BufferSlice,
        _ destination: BufferSlice,
        into commandBuffer: VkCommandBuffer
    ) {
        var region = VkBufferCopy(
            srcOffset: VkDeviceSize(source.offset),
            dstOffset: VkDeviceSize(destination.offset),
            size: VkDeviceSize(source.byteCount)
        )
        api.CmdCopyBuffer(
            commandBuffer,
            source.buffer.handle,
            destination.buffer.handle,
            1,
            &region
        )
    }

    private func barrier(_ commandBuffer: VkCommandBuffer, _ queue: Queue, toHost: Bool) {
        var memory = VkMemoryBarrier()
        memory.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER
        memory.srcAccessMask = queue.writes
        memory.dstAccessMask =
            toHost ? VK_ACCESS_HOST_READ_BIT.rawValue : queue.reads | queue.writes
        api.CmdPipelineBarrier(
            commandBuffer,
            queue.stages,
            toHost ? VK_PIPELINE_STAGE_HOST_BIT.rawValue : queue.stages,
            0,
            1,
            &memory,
            0,
            nil,
            0,
            nil
        )
    }

    private func writeTimestamp(
        _ commandBuffer: VkCommandBuffer,
        _ queries: VkQueryPool?,
        _ index: Int
    ) {
        guard let queries else { return }
        api.CmdWriteTimestamp(
            commandBuffer,
            VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT,
            queries,
            UInt32(index)
        )
    }

    private func beginLabel(_ name: String, _ commandBuffer: VkCommandBuffer) {
        guard let begin = api.CmdBeginDebugUtilsLabelEXT else { return }
        name.withCString { text in
            var label = VkDebugUtilsLabelEXT()
            label.sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_LABEL_EXT
            label.pLabelName = text
            begin(commandBuffer, &label)
        }
    }
}

extension Recording {
    /// The times taken while it runs: at its begin and end, or at every command.
    func timestampCount(profile: Bool) -> Int { profile ? commands.count + 1 : 2 }
}

extension Recording {
    /// The pipeline of each command; nil where there is none.
    fileprivate func compiledPipelines() throws(VulkanError) -> [VkPipeline?] {
        var pipelines: [VkPipeline?] = []
        pipelines.reserveCapacity(commands.count)
        for command in commands {
            if case .dispatch(let dispatch) = command {
                pipelines.append(try dispatch.pipeline.handle)
            } else {
                pipelines.append(nil)
            }
        }
        return pipelines
    }
}
